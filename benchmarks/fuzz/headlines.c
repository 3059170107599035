/* libFuzzer's entry into the kernel with the default model: any bytes as a headline, cut, scored, explained, counted,
   tallied and spelled, with and without words known by heart. benchmarks/fuzz builds it with the sanitizers. */
#include "harness.h"

static Cutter CUTTER = {.words = 2, .skeleton = 4, .shortest = 2, .longest = 5};
static Table TABLE;
static Tally TALLY;
static Scratch *SCRATCH;

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    size_t size;
    read_alphabet();
    require(make_cutter(&CUTTER, 1024, 4096) == 0);
    unsigned char *records = read_all("records", &size);
    require(table_init(&TABLE, records, size / RECORD_SIZE, 64) == 0);
    require((SCRATCH = scratch_new(&CUTTER)) && tally_init(&TALLY, 2, 0, 2) == 0);
    return 0;
}

static void tally(size_t headline, uint32_t outlet) {
    for (size_t i = 0; i < SCRATCH->term_count; i++)
        require(tally_add(&TALLY, SCRATCH->terms[i].key, (uint32_t)headline, outlet) == 0);
    if (TALLY.used <= 1 << 20) return;
    tally_free(&TALLY);
    require(tally_init(&TALLY, 2, 0, 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > LONGEST) return 0;
    Character *raw = malloc(ROOM * sizeof *raw);
    require(raw != NULL);
    int length = read_headline(&CUTTER, data, size, raw);
    if (length >= 0 && cut(&CUTTER, NULL, SCRATCH, raw, length) == 0) {
        double whole[AXES], known[AXES];
        check_terms(&CUTTER, SCRATCH);
        score(&TABLE, SCRATCH, whole);
        check_evidence(&TABLE, SCRATCH, whole, 1);
        count_rows(&TABLE, SCRATCH, SCRATCH->rows, SCRATCH->counts);
        tally(size, data[0]);
        require(table_learn(&TABLE, SCRATCH) == 0);
        length = read_headline(&CUTTER, data, size, raw);
        require(cut(&CUTTER, &TABLE, SCRATCH, raw, length) == 0);
        score(&TABLE, SCRATCH, known);
        check_evidence(&TABLE, SCRATCH, known, 1);
        for (int axis = 0; axis < AXES; axis++) require(agree(whole[axis], known[axis], 1));
    }
    free(raw);
    return 0;
}
