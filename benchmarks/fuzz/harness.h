/* What both fuzzers do: bytes are characters, as the files that benchmarks/fuzz writes say, and a headline is read as
   model/scoring/kernel/room.c reads it, but for Python. */
#ifndef BROADSHEET_HARNESS_H
#define BROADSHEET_HARNESS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../model/scoring/kernel/kernel.h"

typedef struct {
    uint32_t point, lower, flags;
} Letter;

static Letter *ALPHABET; /* what each byte stands for, then what entities may: pages would be asked for it */
static size_t LETTERS;

static void require(int holds) {
    if (!holds) abort();
}

static void *read_all(const char *name, size_t *size) {
    char path[64];
    snprintf(path, sizeof path, "build/fuzz/%s", name);
    FILE *file = fopen(path, "rb");
    require(file != NULL);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size ? *size : 1);
    require(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static void read_alphabet(void) {
    size_t size;
    ALPHABET = read_all("alphabet", &size);
    LETTERS = size / sizeof *ALPHABET;
    require(LETTERS >= 256);
}

static void look_up(Character *c) {
    c->flags = WORD | ALPHA; /* some letter that nothing says anything of */
    c->lower = c->point;
    for (size_t i = 0; i < LETTERS; i++)
        if (ALPHABET[i].point == c->point) {
            c->lower = ALPHABET[i].lower;
            c->flags = ALPHABET[i].flags;
            return;
        }
}

static void look_up_new(Character *raw, int length) {
    for (int i = 0; i < length; i++)
        if (raw[i].flags == UNREAD) look_up(&raw[i]);
}

/* Opens as no Python does: each character is dropped or repeated as its number says. */
static int open_headline(Character *raw, int length) {
    static Character before[ROOM];
    int grown = 0;
    memcpy(before, raw, (size_t)length * sizeof *raw);
    for (int i = 0; i < length; i++)
        for (uint32_t k = 0; k < before[i].point % 4; k++) {
            if (grown == ROOM) return -1;
            raw[grown++] = before[i];
        }
    return grown;
}

/* Reads bytes as a headline in room of exactly ROOM characters, so that one step beyond it is seen; -1: not cut. */
static int read_headline(const Cutter *cutter, const uint8_t *data, size_t size, Character *raw) {
    int length = (int)size;
    uint32_t seen = 0;
    for (int i = 0; i < length; i++) {
        const Letter *letter = &ALPHABET[data[i]];
        raw[i] = (Character){letter->point, letter->lower, letter->flags, (uint16_t)i, (uint16_t)(i + 1)};
    }
    for (int times = 0; times < 2; times++) {
        length = unescape(cutter, raw, length);
        look_up_new(raw, length);
    }
    for (int i = 0; i < length; i++) {
        seen |= raw[i].flags;
        require(raw[i].start < raw[i].stop && raw[i].stop <= size);
    }
    return (seen & RARE) || is_set_apart(raw, length) ? open_headline(raw, length) : length;
}

/* A word in a file: its length, and its letters in 63 bytes. */
typedef struct {
    uint8_t length, letters[63];
} Written;

static void learn_words(Cutter *cutter, const char *name, size_t most, int entities) {
    size_t size, count;
    uint32_t letters[63];
    typedef struct {
        Written word;
        uint32_t numbers[2];
    } Line;
    Line *lines = read_all(name, &size);
    count = size / sizeof *lines;
    for (size_t i = 0; i < count && i < most; i++) {
        const Line *line = &lines[i];
        for (int k = 0; k < line->word.length; k++) letters[k] = line->word.letters[k];
        if (entities)
            require(entity_learn(cutter, letters, line->word.length, line->numbers, line->numbers[1] ? 2 : 1) == 0);
        else
            require(vocabulary_learn(cutter, letters, line->word.length, line->numbers[0]) == 0);
    }
    free(lines);
}

/* Makes a cutter after its four numbers are set; gives what cutter_init gives. */
static int make_cutter(Cutter *cutter, size_t words, size_t entities) {
    int made = cutter_init(cutter, words, entities);
    if (made < 0) return made;
    require(cutter_class(cutter, "<you>") == 0);
    while (cutter->marks - cutter->first_class < 11) require(cutter_class(cutter, "<other>") == 0);
    learn_words(cutter, "vocabulary", words, 0);
    learn_words(cutter, "entities", entities, 1);
    return 0;
}

/* A term is what it is spelled, and stands on words that there are. */
static void check_terms(const Cutter *cutter, const Scratch *s) {
    static uint32_t spelled[2 * ROOM + 8];
    require(s->term_count <= cutter->terms_most);
    for (size_t i = 0; i < s->term_count; i++) {
        size_t length = spell(cutter, s, &s->terms[i], spelled);
        uint64_t hash = 0;
        for (size_t k = 0; k < length; k++) hash = hash * MULTIPLIER + spelled[k];
        require(mixed(hash) == s->terms[i].key);
        require(s->terms[i].first <= s->terms[i].stop && s->terms[i].stop <= s->word_count);
    }
}

/* Whether two sums are one but for the order of their parts. */
static int agree(double one, double other, double scale) { return fabs(one - other) <= 1e-9 * (1 + scale); }

/* Bias, words and rest are the score, unless a model's numbers are none, or so large that they swallow others. */
static void check_evidence(const Table *table, Scratch *s, const double *scores, int exact) {
    double again[AXES];
    explain(table, s, again);
    for (int axis = 0; exact && axis < AXES; axis++) {
        double sum = table->bias[axis] + s->rest[axis], scale = fabs(sum);
        for (int w = 0; w < s->word_count; w++) sum += s->shares[w][axis], scale += fabs(s->shares[w][axis]);
        require(agree(sum, scores[axis], scale) && agree(again[axis], scores[axis], scale));
    }
}

#endif
