/* The least that scoring can cost: walk a headline's code points, and look as many terms up as it has. The table is the
   scorer's own; what is found is summed so that no compiler leaves the work out. benchmarks/floor.py calls this. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

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

/* `point_stops` and `key_stops` are where each headline ends. */
double floor_run(const Table *table, size_t headlines, const uint32_t *points, const uint64_t *point_stops,
                 const uint64_t *keys, const uint64_t *key_stops) {
    double found = 0;
    uint64_t walked = 0;
    size_t point = 0, key = 0;
    for (size_t i = 0; i < headlines; i++) {
        for (; point < point_stops[i]; point++) walked += points[point];
        for (; key < key_stops[i]; key++) {
            int64_t row = table_find(table, keys[key]);
            if (row < 0) continue;
            float weight[1 + AXES];
            memcpy(weight, table->records + (size_t)row * RECORD_SIZE + sizeof(uint64_t), sizeof weight);
            for (int n = 0; n <= AXES; n++) found += (double)weight[n];
        }
    }
    return found + (double)walked;
}
