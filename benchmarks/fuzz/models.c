/* libFuzzer's entry with models made of the input: n-grams of any lengths within the limits and beyond, records sorted or
   not, repeated, crowded into one bucket, of numbers that are none; common words, and words made to collide with them. */
#include "harness.h"

enum { SETTINGS = 10, RECORDS_ROOM = 4096 };
enum { UNSORTED = 1, REPEATED = 2, CROWDED = 4, NO_NUMBERS = 8, COLLIDING = 16, EMPTY = 32 };

static Written *COLLISIONS; /* pairs of one polynomial */
static size_t PAIRS;

typedef struct {
    uint64_t key;
    float numbers[1 + AXES];
} Wide; /* a record before it is packed */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    size_t size;
    read_alphabet();
    COLLISIONS = read_all("collisions", &size);
    PAIRS = size / (2 * sizeof *COLLISIONS);
    return 0;
}

static uint64_t next(uint64_t *state) { return mixed(*state += MULTIPLIER); }

static float some_number(uint64_t *state, int kind) {
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0.0f, 3e38f, -3e38f, 1e-45f, -0.0f};
    uint64_t drawn = next(state);
    return kind & NO_NUMBERS && drawn % 3 == 0 ? odd[drawn / 3 % 8] : (float)(drawn % 2001) / 1000 - 1;
}

static int compare_wide(const void *one, const void *other) {
    uint64_t a = ((const Wide *)one)->key, b = ((const Wide *)other)->key;
    return (a > b) - (a < b);
}

/* Makes records of some of the terms that were cut, and of others; gives how many, packed into `records`. */
static size_t make_records(const Scratch *s, uint64_t *state, int kind, unsigned char *records) {
    static Wide wide[RECORDS_ROOM];
    size_t count = 0, room = kind & EMPTY ? next(state) % 3 : RECORDS_ROOM;
    for (size_t i = 0; i < s->term_count && count + 40 < room; i++) {
        if (next(state) % 4 == 0) continue;
        wide[count++].key = s->terms[i].key;
        for (uint64_t k = 1; kind & CROWDED && k < 30; k++) wide[count++].key = s->terms[i].key + k;
    }
    while (count < room && next(state) % 8) wide[count++].key = next(state) % 5 ? next(state) : next(state) % 3 - 1;
    if (!(kind & UNSORTED)) qsort(wide, count, sizeof *wide, compare_wide);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(kind & (REPEATED | UNSORTED)) && kept && wide[kept - 1].key == wide[i].key) continue;
        wide[kept] = wide[i];
        for (int n = 0; n <= AXES; n++) wide[kept].numbers[n] = some_number(state, kind);
        memcpy(records + kept * RECORD_SIZE, &wide[kept].key, sizeof wide->key);
        memcpy(records + kept * RECORD_SIZE + sizeof wide->key, wide[kept].numbers, sizeof wide->numbers);
        kept++;
    }
    return kept;
}

static void learn(const Cutter *cutter, Table *table, Scratch *s, const uint8_t *letters, size_t length) {
    Character *raw = malloc(ROOM * sizeof *raw);
    require(raw != NULL);
    int read = read_headline(cutter, letters, length, raw);
    if (read >= 0 && cut(cutter, NULL, s, raw, read) == 0) require(table_learn(table, s) == 0);
    free(raw);
}

/* Teaches the table pieces of the headline, and both words of a colliding pair. */
static void learn_common(const Cutter *cutter, Table *table, Scratch *s, const uint8_t *data, size_t size, int kind,
                         uint64_t *state) {
    for (int i = 0; i < 12; i++) {
        size_t start = next(state) % size, length = 1 + next(state) % (i ? 12 : LONGEST);
        learn(cutter, table, s, data + start, length < size - start ? length : size - start);
    }
    if (!(kind & COLLIDING)) return;
    size_t pair = next(state) % PAIRS, first = next(state) % 2;
    for (size_t i = 0; i < 2; i++) {
        const Written *word = &COLLISIONS[2 * pair + (first ^ i)];
        learn(cutter, table, s, word->letters, word->length);
    }
}

/* The headline of the input, with colliding words between. */
static size_t make_headline(const uint8_t *data, size_t size, int kind, uint64_t *state, uint8_t *headline) {
    if (size > LONGEST) size = LONGEST;
    memcpy(headline, data, size);
    for (int i = 0; kind & COLLIDING && i < 6; i++) {
        const Written *word = &COLLISIONS[next(state) % (2 * PAIRS)];
        size_t start = next(state) % size, length = word->length < size - start ? word->length : size - start;
        memcpy(headline + start, word->letters, length);
        if (start + length < size) headline[start + length] = ' ';
        if (start) headline[start - 1] = ' ';
    }
    return size;
}

static void try_model(const Cutter *cutter, Scratch *s, const uint8_t *data, size_t size, int kind, uint64_t *state) {
    Table table = {.bias = {0.25, -0.5}};
    double whole[AXES], known[AXES];
    Character *raw = malloc(ROOM * sizeof *raw);
    unsigned char *scratch = malloc(RECORDS_ROOM * RECORD_SIZE), *records = NULL;
    require(raw && scratch);
    int length = read_headline(cutter, data, size, raw);
    if (length >= 0 && cut(cutter, NULL, s, raw, length) == 0) {
        check_terms(cutter, s);
        size_t count = make_records(s, state, kind, scratch);
        records = malloc(count ? count * RECORD_SIZE : 1); /* of exactly their size */
        require(records != NULL);
        memcpy(records, scratch, count * RECORD_SIZE);
        require(table_init(&table, records, count, next(state) % 16) == 0);
        score(&table, s, whole);
        check_evidence(&table, s, whole, !(kind & NO_NUMBERS));
        count_rows(&table, s, s->rows, s->counts);
        learn_common(cutter, &table, s, data, size, kind, state);
        length = read_headline(cutter, data, size, raw);
        require(cut(cutter, &table, s, raw, length) == 0);
        score(&table, s, known);
        check_evidence(&table, s, known, !(kind & NO_NUMBERS));
        for (int axis = 0; axis < AXES; axis++)
            require(kind & NO_NUMBERS || agree(whole[axis], known[axis], 10));
    }
    table_free(&table);
    free(records);
    free(scratch);
    free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t headline[LONGEST];
    if (size <= SETTINGS) return 0;
    Cutter cutter = {.words = data[0] % 19 - 1, .skeleton = data[1] % 19 - 1, .shortest = data[2] % 18,
                     .longest = data[3] % 19 - 1};
    int kind = data[4];
    uint64_t state;
    memcpy(&state, data + 2, sizeof state);
    if (make_cutter(&cutter, 40, 40) == 0) {
        Scratch *s = scratch_new(&cutter);
        require(s != NULL);
        size_t length = make_headline(data + SETTINGS, size - SETTINGS, kind, &state, headline);
        try_model(&cutter, s, headline, length, kind, &state);
        scratch_free(s);
    }
    cutter_free(&cutter);
    return 0;
}
