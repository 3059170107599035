/* Looking terms up in a model's records, and scoring: TF-IDF, a norm for each block, and the heads. */
#include "kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a model's records are little-endian; the portable scorer serves this machine"
#endif

static uint64_t key_at(const Table *table, size_t row) {
    uint64_t key;
    memcpy(&key, table->records + row * RECORD_SIZE, sizeof key);
    return key;
}

/* idf, and a coefficient for each axis. */
typedef struct {
    float idf, coef[AXES];
} Weight;

static float float_at(const unsigned char *bytes) {
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static Weight weight_at(const Table *table, size_t row) {
    const unsigned char *record = table->records + row * RECORD_SIZE + sizeof(uint64_t);
    Weight weight = {.idf = float_at(record)};
    for (int axis = 0; axis < AXES; axis++) weight.coef[axis] = float_at(record + sizeof(float) * (size_t)(1 + axis));
    return weight;
}

static uint32_t row_mask(const Table *table) { return (UINT32_C(1) << table->row_bits) - 1; }

/* The bit of a key in its bucket's filter, from the bits of the key below those that chose the bucket. */
static uint32_t filter_bit(const Table *table, uint64_t key) {
    uint32_t bits = 32 - (uint32_t)table->row_bits;
    return UINT32_C(1) << (32 - bits + (uint32_t)((key << (64 - table->shift) >> 40) % bits));
}

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
                     .bias = {table->bias[0], table->bias[1]}, .known_mask = slots - 1};
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
    table->buckets = NULL;
    table->known = NULL;
    table->rows = NULL;
}

int64_t table_find(const Table *table, uint64_t key) {
    const uint32_t *bucket = table->buckets + (key >> table->shift);
    if (!(bucket[0] & filter_bit(table, key))) return -1;
    uint32_t stop = bucket[1] & row_mask(table);
    for (uint32_t row = bucket[0] & row_mask(table); row < stop; row++)
        if (key_at(table, row) == key) return row;
    return -1;
}

int table_known(const Table *table, uint64_t hash) {
    uint64_t slot = hash & table->known_mask;
    while (table->known[slot].hash) {
        if (table->known[slot].hash == hash) return (int)slot;
        slot = (slot + 1) & table->known_mask;
    }
    return -1;
}

static int make_room(Table *table, size_t more) {
    if (table->row_count + more <= table->row_room) return 0;
    size_t room = 2 * (table->row_room + more);
    uint32_t *rows = realloc(table->rows, room * sizeof(uint32_t));
    if (!rows) return -1;
    table->rows = rows;
    table->row_room = room;
    return 0;
}

int table_learn(Table *table, const Scratch *s) {
    if (s->word_count != 1 || !s->last_word || table_known(table, s->last_word) >= 0) return 0;
    if (make_room(table, s->term_count) < 0) return -1;
    uint64_t slot = s->last_word & table->known_mask;
    while (table->known[slot].hash) slot = (slot + 1) & table->known_mask;
    Known word = {.hash = s->last_word, .start = (uint32_t)table->row_count};
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = s->terms[i].block == CHARS ? table_find(table, s->terms[i].key) : -1;
        if (row < 0) continue;
        Weight weight = weight_at(table, (size_t)row);
        for (int axis = 0; axis < AXES; axis++) word.sums[axis] += (double)weight.idf * weight.coef[axis];
        word.squares += (double)weight.idf * weight.idf;
        table->rows[table->row_count++] = (uint32_t)row;
        word.count++;
    }
    table->known[slot] = word;
    return 0;
}

/* What a headline sums up to, block by block. */
typedef struct {
    double squares[BLOCKS], sums[BLOCKS][AXES];
} Sums;

static void add_weight(Sums *sums, Weight weight, int block, double factor, double square_factor) {
    sums->squares[block] += square_factor * weight.idf * weight.idf;
    for (int axis = 0; axis < AXES; axis++)
        sums->sums[block][axis] += factor * ((double)weight.idf * weight.coef[axis]);
}

/* Asks for memory long before it is needed: buckets, then records. Gives how many terms there may be. */
static size_t prefetch(const Table *table, const Scratch *s) {
    size_t most = s->term_count;
    for (size_t i = 0; i < s->term_count; i++) PREFETCH(table->buckets + (s->terms[i].key >> table->shift));
    for (int i = 0; i < s->known_count; i++) {
        const Known *word = &table->known[s->known[i]];
        for (uint32_t k = 0; k < word->count; k += 16) PREFETCH(table->rows + word->start + k);
        most += word->count;
    }
    for (size_t i = 0; i < s->term_count; i++) {
        uint32_t bucket = table->buckets[s->terms[i].key >> table->shift];
        if (!(bucket & filter_bit(table, s->terms[i].key))) continue;
        const unsigned char *record = table->records + (size_t)(bucket & row_mask(table)) * RECORD_SIZE;
        PREFETCH(record);
        PREFETCH((const void *)((uintptr_t)record + 2 * RECORD_SIZE)); /* two to a bucket, maybe on the next line */
    }
    return most;
}

enum { ROW_SHIFT = 32, BLOCK_SHIFT = 24 }; /* of a slot: row + 1, block, and how often */

static uint64_t slot_of(uint64_t row, uint64_t mask, const Scratch *s) {
    uint64_t slot = ((row + 1) * UINT64_C(0x9E3779B1) >> 7) & mask;
    while (s->slots[slot] && s->slots[slot] >> ROW_SHIFT != row + 1) slot = (slot + 1) & mask;
    return slot;
}

/* Counts a row; gives how many are repeated now. */
static size_t count(Scratch *s, uint64_t mask, uint64_t row, uint64_t block, size_t repeated) {
    uint64_t slot = slot_of(row, mask, s);
    if (!s->slots[slot]) {
        s->slots[slot] = (row + 1) << ROW_SHIFT | block << BLOCK_SHIFT | 1;
        return repeated;
    }
    s->repeated[repeated] = (uint32_t)slot;
    return repeated + ((++s->slots[slot] & 0xFFFFFF) == 2);
}

/* Sums up every occurrence as if it were the only one of its term. Gives how many terms are repeated. */
static size_t add_occurrences(const Table *table, Scratch *s, Sums *sums) {
    size_t repeated = 0, most = prefetch(table, s);
    uint64_t mask = 63;
    while (mask + 1 < 2 * most) mask = 2 * mask + 1;
    memset(s->slots, 0, (mask + 1) * sizeof(uint64_t));
    for (int i = 0; i < s->known_count; i++) {
        const Known *word = &table->known[s->known[i]];
        sums->squares[CHARS] += word->squares;
        for (int axis = 0; axis < AXES; axis++) sums->sums[CHARS][axis] += word->sums[axis];
        for (uint32_t k = 0; k < word->count; k++)
            repeated = count(s, mask, table->rows[word->start + k], CHARS, repeated);
    }
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = table_find(table, s->terms[i].key);
        if (row < 0) continue;
        add_weight(sums, weight_at(table, (size_t)row), s->terms[i].block, 1, 1);
        repeated = count(s, mask, (uint64_t)row, s->terms[i].block, repeated);
    }
    return repeated;
}

static double sublinear(uint32_t count) {
    static const double small[] = {0, 1, 1.6931471805599454, 2.09861228866811, 2.386294361119891}; /* 1 + ln t */
    return count < sizeof small / sizeof *small ? small[count] : 1 + log(count);
}

void score(const Table *table, Scratch *s, double *out) {
    Sums sums = {0};
    size_t repeated = add_occurrences(table, s, &sums);
    for (size_t i = 0; i < repeated; i++) {
        uint64_t slot = s->slots[s->repeated[i]];
        double count = (double)(slot & 0xFFFFFF), tf = sublinear((uint32_t)count);
        int block = (int)(slot >> BLOCK_SHIFT & 0xFF);
        add_weight(&sums, weight_at(table, (size_t)(slot >> ROW_SHIFT) - 1), block, tf - count, tf * tf - count);
    }
    for (int axis = 0; axis < AXES; axis++) {
        out[axis] = table->bias[axis];
        for (int block = 0; block < BLOCKS; block++)
            if (sums.squares[block] > 0) out[axis] += sums.sums[block][axis] / sqrt(sums.squares[block]);
    }
}

/* The logistic function, which never overflows: model/portable.py has the same. */
double expit(double log_odds) {
    double small = exp(-fabs(log_odds));
    return (log_odds >= 0 ? 1 : small) / (1 + small);
}

size_t count_rows(const Table *table, Scratch *s, int32_t *rows, float *counts) {
    size_t found = 0;
    uint64_t mask = 63;
    prefetch(table, s);
    while (mask + 1 < 2 * s->term_count) mask = 2 * mask + 1;
    memset(s->slots, 0, (mask + 1) * sizeof(uint64_t));
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = table_find(table, s->terms[i].key);
        if (row < 0) continue;
        uint64_t slot = slot_of((uint64_t)row, mask, s);
        if (!s->slots[slot]) {
            s->slots[slot] = ((uint64_t)row + 1) << ROW_SHIFT | found;
            rows[found] = (int32_t)row;
            counts[found++] = 0;
        }
        counts[s->slots[slot] & UINT32_MAX] += 1;
    }
    return found;
}
