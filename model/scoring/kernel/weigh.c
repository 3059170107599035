/* Scoring: TF-IDF, a norm for each block, and the heads; and the evidence for it. */
#include <math.h>

#include "lookup.h"

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
        const Known *word = &table->known[s->known[i].place];
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

enum { ROW_SHIFT = 32, BLOCK_SHIFT = 24, COUNT_MASK = 0xFFFFFF }; /* of a slot: row + 1, block, and how often */
static const uint32_t NOWHERE = UINT32_MAX;

_Static_assert(LETTERS_MOST * EDGED_ROOM + 2 * TOKENS_MOST * (ROOM + 2) + 64 + 2 * ROOM < COUNT_MASK,
               "a slot counts all occurrences of a headline");

/* The slot whose bits from `shift` on are `tag`, or a free one. */
static uint64_t slot_of(uint64_t tag, int shift, uint64_t mask, const Scratch *s) {
    uint64_t slot = (tag * MULTIPLIER >> 40) & mask;
    while (s->slots[slot] && s->slots[slot] >> shift != tag) slot = (slot + 1) & mask;
    return slot;
}

/* The occurrences of a headline while they are counted. */
typedef struct {
    const Table *table;
    Scratch *s;
    Sums sums;
    uint64_t mask;
    size_t met, repeated; /* occurrences, and terms that occur more than once */
} Count;

static uint64_t cleared_slots(Scratch *s, size_t most) {
    uint64_t mask = 63;
    while (mask + 1 < 2 * most) mask = 2 * mask + 1;
    memset(s->slots, 0, (mask + 1) * sizeof(uint64_t));
    return mask;
}

/* Counts a row. One that occurs in two blocks is two terms that share a key, as somebody can make them. */
static void count(Count *c, uint64_t row, int block) {
    Scratch *s = c->s;
    uint64_t tag = (row + 1) << (ROW_SHIFT - BLOCK_SHIFT) | (uint64_t)block;
    uint64_t slot = slot_of(tag, BLOCK_SHIFT, c->mask, s);
    s->places[c->met++] = (uint32_t)slot;
    if (!s->slots[slot]) {
        s->slots[slot] = tag << BLOCK_SHIFT | 1;
        return;
    }
    s->repeated[c->repeated] = (uint32_t)slot;
    c->repeated += (++s->slots[slot] & COUNT_MASK) == 2;
}

/* Counts tokens of letters, and leaves it to the search to count the known ones; without unigrams, all are. */
static void count_letters(Scratch *s) {
    memset(s->letters, 0, sizeof s->letters);
    for (int i = 0; i < s->token_count; i++) {
        s->letters[1] += s->tokens[i].alpha;
        s->letters[2] += (s->tokens[i].traits & FOREIGN) != 0;
    }
    if (!s->unigrams) s->letters[0] = s->letters[1];
}

/* Sums up every occurrence as if it were the only one of its term. */
static void add_occurrences(Count *c) {
    const Table *table = c->table;
    Scratch *s = c->s;
    c->mask = cleared_slots(s, prefetch(table, s));
    count_letters(s);
    for (int i = 0; i < s->known_count; i++) {
        const Known *word = &table->known[s->known[i].place];
        c->sums.squares[CHARS] += word->squares;
        for (int axis = 0; axis < AXES; axis++) c->sums.sums[CHARS][axis] += word->sums[axis];
        for (uint32_t k = 0; k < word->count; k++) count(c, table->rows[word->start + k], CHARS);
    }
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = table_find(table, s->terms[i].key);
        if (row < 0) {
            s->places[c->met++] = NOWHERE;
            continue;
        }
        if ((int)i < s->unigrams) s->letters[0] += s->tokens[i].alpha;
        count(c, (uint64_t)row, s->terms[i].block);
        add_weight(&c->sums, weight_at(table, (size_t)row), s->terms[i].block, 1, 1);
    }
}

static double sublinear(uint32_t count) {
    static const double small[] = {0, 1, 1.6931471805599454, 2.09861228866811, 2.386294361119891}; /* 1 + ln t */
    return count < sizeof small / sizeof *small ? small[count] : 1 + log(count);
}

static void sum_up(Count *c) {
    add_occurrences(c);
    for (size_t i = 0; i < c->repeated; i++) {
        uint64_t slot = c->s->slots[c->s->repeated[i]];
        double count = (double)(slot & COUNT_MASK), tf = sublinear((uint32_t)count);
        int block = (int)(slot >> BLOCK_SHIFT & 0xFF);
        Weight weight = weight_at(c->table, (size_t)(slot >> ROW_SHIFT) - 1);
        add_weight(&c->sums, weight, block, tf - count, tf * tf - count);
    }
}

/* What the terms of each block are divided by, as a factor; 0 where none is known. */
static void fill_scales(const Sums *sums, double *scales) {
    for (int block = 0; block < BLOCKS; block++)
        scales[block] = sums->squares[block] > 0 ? 1 / sqrt(sums->squares[block]) : 0;
}

static void score_sums(const Table *table, const Sums *sums, double *out) {
    for (int axis = 0; axis < AXES; axis++) {
        out[axis] = table->bias[axis];
        for (int block = 0; block < BLOCKS; block++)
            if (sums->squares[block] > 0) out[axis] += sums->sums[block][axis] / sqrt(sums->squares[block]);
    }
}

void score(const Table *table, Scratch *s, double *out) {
    Count c = {.table = table, .s = s};
    sum_up(&c);
    score_sums(table, &c.sums, out);
}

/* What one occurrence of the term in a slot adds to each axis. */
static Weight weight_in(const Table *table, uint64_t slot) { return weight_at(table, (size_t)(slot >> ROW_SHIFT) - 1); }

static void add_share(const Count *c, const double *scales, uint32_t place, int first, int stop) {
    if (place == NOWHERE) return;
    Scratch *s = c->s;
    uint64_t slot = s->slots[place];
    uint32_t times = (uint32_t)(slot & COUNT_MASK);
    Weight weight = weight_in(c->table, slot);
    double each = scales[slot >> BLOCK_SHIFT & 0xFF] * weight.idf;
    if (times > 1) each *= sublinear(times) / times;
    if (stop > first + 1) each /= stop - first;
    for (int axis = 0; axis < AXES; axis++) {
        double share = each * weight.coef[axis];
        if (first == stop) s->rest[axis] += share;
        for (int word = first; word < stop; word++) s->shares[word][axis] += share;
    }
}

void explain(const Table *table, Scratch *s, double *out) {
    Count c = {.table = table, .s = s};
    double scales[BLOCKS];
    size_t met = 0;
    sum_up(&c);
    score_sums(table, &c.sums, out);
    fill_scales(&c.sums, scales);
    memset(s->shares, 0, (size_t)s->word_count * sizeof *s->shares);
    memset(s->rest, 0, sizeof s->rest);
    for (int i = 0; i < s->known_count; i++)
        for (uint32_t k = 0; k < table->known[s->known[i].place].count; k++)
            add_share(&c, scales, s->places[met++], s->known[i].word, s->known[i].word + 1);
    for (size_t i = 0; i < s->term_count; i++)
        add_share(&c, scales, s->places[met++], s->terms[i].first, s->terms[i].stop);
}

/* The logistic function, which never overflows: model/scoring/portable/engine.py has the same. */
double expit(double log_odds) {
    double small = exp(-fabs(log_odds));
    return (log_odds >= 0 ? 1 : small) / (1 + small);
}

size_t count_rows(const Table *table, Scratch *s, int32_t *rows, float *counts) {
    size_t found = 0;
    prefetch(table, s);
    uint64_t mask = cleared_slots(s, s->term_count);
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = table_find(table, s->terms[i].key);
        if (row < 0) continue;
        uint64_t slot = slot_of((uint64_t)row + 1, ROW_SHIFT, mask, s);
        if (!s->slots[slot]) {
            s->slots[slot] = ((uint64_t)row + 1) << ROW_SHIFT | found;
            rows[found] = (int32_t)row;
            counts[found++] = 0;
        }
        counts[s->slots[slot] & UINT32_MAX] += 1;
    }
    return found;
}
