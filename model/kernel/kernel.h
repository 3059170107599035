/* What the compiled scorer is made of. docs/terms.md is the specification; model/terms.py the reference. No file but
   module.c knows Python: the others are fuzzed by themselves. */
#ifndef BROADSHEET_KERNEL_H
#define BROADSHEET_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define LONGEST 500             /* characters of a headline as given */
#define ROOM (3 * LONGEST + 2)  /* characters of a cleaned one: an ellipsis becomes three */
#define MARKS_MOST 256
#define FAMILIES_MOST 40
#define NAME_MOST 32
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15) /* as in model/keys.py */
#define SPACE_POINT 32
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* What Python's Unicode database and model/clean.py say of a character; given by model/compiled.py. */
enum {
    WORD = 1,          /* \w */
    DECIMAL = 2,       /* \d */
    ALPHA = 4,         /* str.isalpha */
    DIGIT = 8,         /* str.isdigit */
    SPACE = 16,        /* \s */
    UPPER = 32,        /* str.isupper */
    LOWER = 64,        /* str.islower, or title case */
    INVISIBLE = 128,   /* dropped */
    SINGLE = 256,      /* becomes ', or is it */
    DOUBLE = 512,      /* becomes " */
    DASH = 1024,       /* becomes - */
    HYPHEN = 2048,     /* is - */
    ELLIPSIS = 4096,   /* becomes ... */
    AMPERSAND = 8192,  /* may begin an entity */
    HARD = 16384,      /* its headline is left to the reference */
};

/* What a word is to the rules of style and of cleaning; given by model/compiled.py. The class, from 1, stands above. */
enum { STYLE = 1, ACRONYM = 2, SHORT = 4, LINKING = 8, OUTLET = 16, DOMAIN = 32, LINK = 64, CLASS_SHIFT = 8 };

enum { WORDS, CHARS, STYLES, SKELETON, FORM, BLOCKS };

typedef struct {
    uint32_t point, lower, flags;
} Character;

typedef struct {
    uint64_t hash, power; /* polynomial of the text, and MULTIPLIER to its length */
    uint32_t start;       /* in its buffer of spelled text */
    uint16_t length, place;
    uint16_t traits; /* as the vocabulary has them */
    uint8_t alpha, number;
    uint32_t sign; /* the first code point */
} Token;

typedef struct {
    int start, stop; /* in the cleaned text */
} Word;

/* A term: its key, and where it is spelled, unless it is a mark. */
typedef struct {
    uint64_t key;
    uint32_t start;
    uint16_t length;
    uint8_t block, spelled; /* `spelled`: 0 the mark numbered `start`, 1 the mark in `name`, 2... a buffer */
} Term;

enum { MARK, NAMED, EDGED, FOLDED, KEPT };

typedef struct {
    uint64_t hash;
    uint32_t traits;
} Entry;

/* How headlines are cut; constant once made. */
typedef struct {
    int words, skeleton, shortest, longest; /* n-grams */
    Entry *vocabulary;                      /* open addressing, hash 0 is free */
    uint64_t vocabulary_mask;
    int marks;
    uint64_t mark_keys[MARKS_MOST];
    char mark_names[MARKS_MOST][NAME_MOST];
    int first_marks[FAMILIES_MOST];
    int first_class; /* the mark of class 1 */
    size_t terms_most;
} Cutter;

/* A model's records, sorted by key: key, idf, and a coefficient for each axis. */
enum { AXES = 2, RECORD_SIZE = 8 + 4 + 4 * AXES };

/* A common word: a hash of its letters, the rows of the character n-grams that the model has of it, and their sums of
   idf * coefficient and of idf squared. Memory traffic is what scoring costs: a word's rows are two cache lines, its
   n-grams' records twenty. */
typedef struct {
    uint64_t hash;
    uint32_t start, count;
    double sums[AXES], squares;
} Known;

/* Keys are bucketed by their highest bits. A bucket is the row that it begins with, below a filter of its keys' next
   bits that keeps most unknown terms from reading a record. */
typedef struct {
    const unsigned char *records;
    size_t count;
    int shift, row_bits;
    uint32_t *buckets;
    double bias[AXES];
    Known *known; /* open addressing, hash 0 is free */
    uint64_t known_mask;
    uint32_t *rows; /* of the known words */
    size_t row_count, row_room;
} Table;

/* Which headlines and outlets use a term. */
enum { OUTLETS_MOST = 3 };
typedef struct {
    uint64_t key;
    uint32_t headlines, last; /* how many, and the last of them */
    uint32_t outlets[OUTLETS_MOST];
} Use;

/* The terms of one part of all keys: parts fit where the whole would not. */
typedef struct {
    Use *entries; /* open addressing, 0 headlines is free */
    uint64_t mask, used, part, parts;
    int least; /* outlets that a common term has */
} Tally;

/* Room for one headline; one thread at a time. */
typedef struct {
    Character text[ROOM];
    int length;
    Word words[ROOM];
    int word_count;
    Token tokens[ROOM], kept[ROOM + 2];
    int token_count, kept_count;
    uint32_t edged[3 * ROOM], folded[2 * ROOM], skeleton[2 * ROOM + 8];
    char name[NAME_MOST]; /* of the one mark without bounds */
    size_t term_count;
    uint64_t last_word; /* a hash of the last word's letters */
    int known[ROOM], known_count; /* words whose n-grams the table knows by heart: these are not among the terms */
    uint64_t *slots;              /* for counting */
    uint32_t *repeated;           /* the slots of terms that occur more than once */
    float *counts;                /* how often each distinct row occurs */
    int32_t *rows;
    Term terms[]; /* cutter->terms_most */
} Scratch;

static inline uint64_t mixed(uint64_t h) {
    h = (h ^ (h >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ (h >> 32);
}

static inline int is_letter(const Character *c) {
    return (c->flags & (WORD | DECIMAL)) == WORD && c->point != '_';
}

static inline uint32_t traits_of(const Cutter *cutter, uint64_t hash) {
    uint64_t slot = mixed(hash) & cutter->vocabulary_mask;
    while (cutter->vocabulary[slot].hash) {
        if (cutter->vocabulary[slot].hash == hash) return cutter->vocabulary[slot].traits;
        slot = (slot + 1) & cutter->vocabulary_mask;
    }
    return 0;
}

static inline uint64_t hash_of(const Character *text, int length) {
    uint64_t hash = 0;
    for (int i = 0; i < length; i++) hash = hash * MULTIPLIER + text[i].point;
    return hash;
}

/* cutter.c */
int cutter_init(Cutter *cutter, size_t vocabulary_size); /* after its four numbers are set; -1 without memory */
void cutter_learn(Cutter *cutter, uint64_t hash, uint32_t traits);
int cutter_class(Cutter *cutter, const char *name); /* in the order of their numbers; -1 when there are too many */
void cutter_free(Cutter *cutter);
Scratch *scratch_new(const Cutter *cutter);
void scratch_free(Scratch *scratch);
/* Gives 0, or -1: ask the reference. With a table, the n-grams of words that it knows are left out. */
int cut(const Cutter *cutter, const Table *table, Scratch *s, Character *raw, int length);
size_t spell(const Cutter *cutter, const Scratch *s, const Term *term, uint32_t *out); /* at most 2 * ROOM + 8 */

/* clean.c */
int clean(const Cutter *cutter, Scratch *s, Character *raw, int length); /* 0, or -1: ask the reference */

/* marks.c */
void marks_init(Cutter *cutter);
uint64_t name_key(const char *name); /* of a mark, which is ASCII */
void add_marks(const Cutter *cutter, Scratch *s);

/* table.c */
int table_init(Table *table, const unsigned char *records, size_t count, size_t words); /* -1 without memory */
void table_free(Table *table);
int64_t table_find(const Table *table, uint64_t key); /* the row, or -1 */
int table_known(const Table *table, uint64_t hash);   /* the place of a common word, or -1 */
int table_learn(Table *table, const Scratch *s);      /* the one word that was cut; -1 without memory */
void score(const Table *table, Scratch *s, double *out); /* log-odds of each axis */
double expit(double log_odds);
/* Gives how many distinct terms of the model a headline has; writes their rows and how often each occurs. */
size_t count_rows(const Table *table, Scratch *s, int32_t *rows, float *counts);

/* tally.c */
int tally_init(Tally *tally, int least, uint64_t part, uint64_t parts); /* -1 without memory; least 1 to OUTLETS_MOST */
void tally_free(Tally *tally);
void tally_prefetch(const Tally *tally, const Term *terms, size_t count);
int tally_add(Tally *tally, uint64_t key, uint32_t headline, uint32_t outlet); /* -1 without memory */
size_t tally_common(const Tally *tally, uint64_t *keys, uint32_t *headlines);  /* writes where asked to, and counts */

#endif
