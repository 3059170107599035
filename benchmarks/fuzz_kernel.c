/* libFuzzer's entry into the compiled scorer: any bytes as a headline, cut, scored, counted and spelled.
   benchmarks/fuzz.py writes the three files that it reads, and builds it with the sanitizers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/kernel/kernel.h"

#define FUZZ_CHARACTERS 256

static Character ALPHABET[FUZZ_CHARACTERS]; /* what each byte stands for */
static Cutter CUTTER = {.words = 2, .skeleton = 4, .shortest = 2, .longest = 5};
static Table TABLE;
static Tally TALLY;
static Scratch *SCRATCH;
static int LEARNED; /* words, of the 64 that the table has room for */

static void *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) abort();
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size ? *size : 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size) abort();
    fclose(file);
    return bytes;
}

static void learn(const char *path) {
    size_t size;
    uint64_t *pairs = read_all(path, &size);
    size_t count = size / (2 * sizeof *pairs);
    if (cutter_init(&CUTTER, count) < 0 || cutter_class(&CUTTER, "<you>") < 0) abort();
    while (CUTTER.marks - CUTTER.first_class < 11) cutter_class(&CUTTER, "<other>");
    for (size_t i = 0; i < count; i++) cutter_learn(&CUTTER, pairs[2 * i], (uint32_t)pairs[2 * i + 1]);
    free(pairs);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    size_t size;
    void *alphabet = read_all("build/fuzz/alphabet", &size);
    if (size != sizeof ALPHABET) abort();
    memcpy(ALPHABET, alphabet, size);
    free(alphabet);
    learn("build/fuzz/vocabulary");
    unsigned char *records = read_all("build/fuzz/records", &size);
    if (table_init(&TABLE, records, size / RECORD_SIZE, 64) < 0) abort();
    if (!(SCRATCH = scratch_new(&CUTTER)) || tally_init(&TALLY, 2, 0, 2) < 0) abort();
    return 0;
}

/* Reads bytes as characters; a copy of exactly their size, so that one step beyond it is seen. */
static Character *headline(const uint8_t *data, size_t size) {
    Character *raw = malloc(size * sizeof(Character));
    for (size_t i = 0; raw && i < size; i++) raw[i] = ALPHABET[data[i]];
    return raw;
}

static void check_terms(void) {
    static uint32_t spelled[2 * ROOM + 8];
    if (SCRATCH->term_count > CUTTER.terms_most) abort();
    for (size_t i = 0; i < SCRATCH->term_count; i++) {
        size_t length = spell(&CUTTER, SCRATCH, &SCRATCH->terms[i], spelled);
        uint64_t hash = 0;
        for (size_t k = 0; k < length; k++) hash = hash * MULTIPLIER + spelled[k];
        if (mixed(hash) != SCRATCH->terms[i].key) abort(); /* a term is what it is spelled */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > LONGEST) return 0;
    Character *raw = headline(data, size);
    if (raw && cut(&CUTTER, NULL, SCRATCH, raw, (int)size) == 0) {
        double whole[AXES], known[AXES];
        check_terms();
        score(&TABLE, SCRATCH, whole);
        count_rows(&TABLE, SCRATCH, SCRATCH->rows, SCRATCH->counts);
        for (size_t i = 0; i < SCRATCH->term_count; i++) tally_add(&TALLY, SCRATCH->terms[i].key, (uint32_t)size, data[0]);
        if (TALLY.used > 1 << 20) {
            tally_free(&TALLY);
            if (tally_init(&TALLY, 2, 0, 2) < 0) abort();
        }
        if (SCRATCH->word_count == 1 && LEARNED < 60 && ++LEARNED) table_learn(&TABLE, SCRATCH);
        free(raw);
        raw = headline(data, size);
        if (!raw || cut(&CUTTER, &TABLE, SCRATCH, raw, (int)size) < 0) abort();
        score(&TABLE, SCRATCH, known);
        for (int axis = 0; axis < AXES; axis++)
            if (!isfinite(whole[axis]) || fabs(whole[axis] - known[axis]) > 1e-9) abort();
    }
    free(raw);
    return 0;
}
