/* The least that scoring can cost: walk a headline's code points, and look as many terms up as it has. The table is the
   scorer's own, and memory is asked for ahead as the scorer does it; what is found is summed so that no compiler leaves
   the work out. benchmarks/floor.py calls this. */
#include "table.c" /* not linked: the scorer's look-ups are inlined, so these are as well */

Table *floor_open(const unsigned char *records, size_t count) {
    Table *table = calloc(1, sizeof *table);
    if (table && table_init(table, records, count, 0) < 0) {
        free(table);
        return NULL;
    }
    return table;
}

void floor_close(Table *table) {
    table_free(table);
    free(table);
}

static void ask_ahead(const Table *table, const uint64_t *keys, size_t count) {
    for (size_t i = 0; i < count; i++) PREFETCH(table->buckets + (keys[i] >> table->shift));
    for (size_t i = 0; i < count; i++) {
        uint32_t bucket = table->buckets[keys[i] >> table->shift];
        if (bucket & filter_bit(table, keys[i])) PREFETCH(table->records + (size_t)(bucket & row_mask(table)) * RECORD_SIZE);
    }
}

static double look_up(const Table *table, const uint64_t *keys, size_t count) {
    double found = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t row = table_find(table, keys[i]);
        if (row < 0) continue;
        Weight weight = weight_at(table, (size_t)row);
        found += weight.idf;
        for (int axis = 0; axis < AXES; axis++) found += weight.coef[axis];
    }
    return found;
}

/* `point_stops` and `key_stops` are where each headline ends. */
double floor_run(const Table *table, size_t headlines, const uint32_t *points, const uint64_t *point_stops,
                 const uint64_t *keys, const uint64_t *key_stops) {
    double found = 0;
    uint64_t walked = 0, point = 0, key = 0;
    for (size_t i = 0; i < headlines; i++) {
        for (; point < point_stops[i]; point++) walked += points[point];
        ask_ahead(table, keys + key, key_stops[i] - key);
        found += look_up(table, keys + key, key_stops[i] - key);
        key = key_stops[i];
    }
    return found + (double)walked;
}
