/* A model's records made ready to be looked up, and its common words, known by heart. */
#include <stdlib.h>

#include "lookup.h"

static void fill_buckets(Table *table, size_t buckets) {
    size_t row = 0;
    for (size_t bucket = 0; bucket <= buckets; bucket++) {
        uint32_t entry = (uint32_t)row;
        for (; row < table->count && key_at(table, row) >> table->shift == bucket; row++)
            entry |= filter_bit(table, key_at(table, row));
        table->buckets[bucket] = entry;
    }
}

static int bits_for(size_t count) {
    int bits = 1;
    while (bits < 28 && (UINT64_C(1) << bits) <= count) bits++;
    return bits;
}

int table_init(Table *table, const unsigned char *records, size_t count, size_t words) {
    int bits = bits_for(count / 2);
    size_t buckets = (size_t)1 << bits, slots = 64;
    while (slots < 2 * words) slots *= 2;
    *table = (Table){.records = records, .count = count, .shift = 64 - bits, .row_bits = bits_for(count),
                     .bias = {table->bias[0], table->bias[1]}, .known_mask = slots - 1, .known_left = words};
    if (count > RECORDS_MOST) return -2;
    table->buckets = malloc((buckets + 1) * sizeof(uint32_t));
    table->known = calloc(slots, sizeof(Known));
    if (!table->buckets || !table->known) {
        table_free(table);
        return -1;
    }
    fill_buckets(table, buckets);
    return 0;
}

void table_free(Table *table) {
    free(table->buckets);
    free(table->known);
    free(table->rows);
    free(table->letters);
    table->buckets = NULL;
    table->known = NULL;
    table->rows = table->letters = NULL;
}

int table_known(const Table *table, uint64_t hash, const uint32_t *letters, size_t length) {
    for (uint64_t slot = hash & table->known_mask; table->known[slot].length; slot = (slot + 1) & table->known_mask) {
        const Known *word = &table->known[slot];
        if (word->hash == hash && word->length == length &&
            !memcmp(table->letters + word->letters, letters, length * sizeof *letters))
            return (int)slot;
    }
    return -1;
}

static int make_room(uint32_t **numbers, size_t *room, size_t needed) {
    if (needed <= *room) return 0;
    if (needed > UINT32_MAX / 4) return -1;
    uint32_t *more = realloc(*numbers, 2 * needed * sizeof(uint32_t));
    if (!more) return -1;
    *numbers = more;
    *room = 2 * needed;
    return 0;
}

static uint64_t hash_of_edged(const Scratch *s) {
    uint64_t hash = 0;
    for (size_t i = 1; i + 1 < s->edged_length; i++) hash = hash * MULTIPLIER + s->edged[i];
    return hash;
}

int table_learn(Table *table, const Scratch *s) {
    size_t length = s->edged_length;
    uint64_t hash = hash_of_edged(s);
    if (s->word_count != 1 || s->known_count || !table->known_left || table_known(table, hash, s->edged, length) >= 0)
        return 0;
    if (make_room(&table->rows, &table->row_room, table->row_count + s->term_count) < 0 ||
        make_room(&table->letters, &table->letter_room, table->letter_count + length) < 0)
        return -1;
    Known word = {.hash = hash, .start = (uint32_t)table->row_count, .letters = (uint32_t)table->letter_count,
                  .length = (uint32_t)length};
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = s->terms[i].block == CHARS ? table_find(table, s->terms[i].key) : -1;
        if (row < 0) continue;
        Weight weight = weight_at(table, (size_t)row);
        for (int axis = 0; axis < AXES; axis++) word.sums[axis] += (double)weight.idf * weight.coef[axis];
        word.squares += (double)weight.idf * weight.idf;
        table->rows[table->row_count++] = (uint32_t)row;
        word.count++;
    }
    memcpy(table->letters + table->letter_count, s->edged, length * sizeof *s->edged);
    table->letter_count += length;
    uint64_t slot = hash & table->known_mask;
    while (table->known[slot].length) slot = (slot + 1) & table->known_mask;
    table->known[slot] = word;
    table->known_left--;
    return 0;
}
