/* Looking terms up in a model's records: inline, since scoring does little else. */
#ifndef BROADSHEET_LOOKUP_H
#define BROADSHEET_LOOKUP_H

#include <string.h>

#include "kernel.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a model's records are little-endian; the portable scorer serves this machine"
#endif

static inline uint64_t key_at(const Table *table, size_t row) {
    uint64_t key;
    memcpy(&key, table->records + row * RECORD_SIZE, sizeof key);
    return key;
}

/* idf, and a coefficient for each axis. */
typedef struct {
    float idf, coef[AXES];
} Weight;

static inline float float_at(const unsigned char *bytes) {
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline Weight weight_at(const Table *table, size_t row) {
    const unsigned char *record = table->records + row * RECORD_SIZE + sizeof(uint64_t);
    Weight weight = {.idf = float_at(record)};
    for (int axis = 0; axis < AXES; axis++) weight.coef[axis] = float_at(record + sizeof(float) * (size_t)(1 + axis));
    return weight;
}

static inline uint32_t row_mask(const Table *table) { return (UINT32_C(1) << table->row_bits) - 1; }

/* The bit of a key in its bucket's filter, from the bits of the key below those that chose the bucket. */
static inline uint32_t filter_bit(const Table *table, uint64_t key) {
    uint32_t bits = 32 - (uint32_t)table->row_bits;
    return UINT32_C(1) << (32 - bits + (uint32_t)((key << (64 - table->shift) >> 40) % bits));
}

/* Gives the row of a key, or -1. */
static inline int64_t table_find(const Table *table, uint64_t key) {
    const uint32_t *bucket = table->buckets + (key >> table->shift);
    if (!(bucket[0] & filter_bit(table, key))) return -1;
    uint32_t row = bucket[0] & row_mask(table), stop = bucket[1] & row_mask(table);
    while (stop > row && stop - row > 8) { /* two to a bucket, unless somebody chose the keys */
        uint32_t middle = row + (stop - row) / 2;
        if (key_at(table, middle) <= key)
            row = middle;
        else
            stop = middle;
    }
    for (; row < stop; row++)
        if (key_at(table, row) == key) return row;
    return -1;
}

#endif
