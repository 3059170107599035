/* What the compiled scorer is made of. docs/terms.md is the specification; model/terms/analyzer.py the reference. Only the files
   that include python.h know Python: the others are fuzzed by themselves. */
#ifndef BROADSHEET_KERNEL_H
#define BROADSHEET_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Every size below follows from these, or is asked for at run time and checked. */
#define LONGEST 500                /* characters of a headline as given */
#define ROOM (3 * LONGEST + 2)     /* of a cleaned one, and of it in lower case: an ellipsis becomes three */
#define WORDS_ROOM ((ROOM + 1) / 2)
#define EDGED_ROOM (3 * ROOM)      /* letters of all words with their edges */
#define MARKS_MOST 256
#define FAMILIES_MOST 40
#define NAME_MOST 32
#define TOKENS_MOST 16             /* of an n-gram, and letters of one: model/terms/analyzer.py refuses more in a model */
#define LETTERS_MOST 16
#define RECORDS_MOST ((1 << 28) - 1) /* of a model: what a bucket has bits for */
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15) /* as in model/terms/keys.py */
#define SPACE_POINT 32
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* What Python's Unicode database and model/terms/cleaning.py say of a character; given by model/scoring/compiled.py. */
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
    RARE = 8192,       /* its headline is opened by Python: accents, compatibility characters, look-alikes */
    HARD = 16384,      /* its headline is left to the reference */
    CASED = 32768,     /* decides what the final sigma is: not case-ignorable, and cased */
    IGNORABLE = 65536, /* does not: case-ignorable */
    SIGMA = 131072,    /* its lower case depends on where it stands */
    DOTTED = 262144,   /* its lower case is two characters, i and a dot above */
    BAR = 524288,      /* is | */
};

/* What a word is to the rules of style and of cleaning; given by model/scoring/compiled.py. The class, from 1, stands above. */
enum { STYLE = 1, ACRONYM = 2, SHORT = 4, LINKING = 8, OUTLET = 16, DOMAIN = 32, WIRE = 64, FOREIGN = 128, TIGHT = 256, LINK = 512, CLASS_SHIFT = 10 };

enum { WORDS, CHARS, STYLES, SKELETON, FORM, BLOCKS };

enum { COUNTS = 3 }; /* of a headline's words */

/* A character, and what of the headline as given it came from. */
typedef struct {
    uint32_t point, lower, flags;
    uint16_t start, stop;
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

/* A term: its key, where it is spelled, unless it is a mark, and the words that it stands on; none: the whole. */
typedef struct {
    uint64_t key;
    uint32_t start;
    uint16_t length, first, stop;
    uint8_t block, spelled; /* `spelled`: 0 the mark numbered `start`, 1 the mark in `name`, 2... a buffer */
} Term;

enum { MARK, NAMED, EDGED, FOLDED, KEPT };

/* A word of the vocabulary: compared by its letters, since a long word can be made that has a short one's hash. */
enum { VOCABLE_MOST = 24 };
typedef struct {
    uint64_t hash;
    uint32_t traits;
    uint8_t length; /* 0 is free */
    uint8_t letters[VOCABLE_MOST]; /* ASCII */
} Entry;

/* A name of HTML's list, with or without its semicolon, and what it stands for. */
enum { ENTITY_MOST = 33 };
typedef struct {
    uint64_t hash;
    uint32_t points[2]; /* the second is 0 where there is one */
    uint8_t length;     /* 0 is free */
    char name[ENTITY_MOST];
} Entity;

/* How headlines are cut; constant once made. */
typedef struct {
    int words, skeleton, shortest, longest; /* n-grams */
    Entry *vocabulary;                      /* open addressing */
    uint64_t vocabulary_mask;
    size_t vocabulary_left;                 /* how many more words it has room for */
    Entity *entities;                       /* open addressing */
    uint64_t entity_mask;
    size_t entities_left;
    int marks;
    uint64_t mark_keys[MARKS_MOST];
    char mark_names[MARKS_MOST][NAME_MOST];
    int first_marks[FAMILIES_MOST];
    int first_class; /* the mark of class 1 */
    size_t terms_most;
} Cutter;

/* A model's records, sorted by key: key, idf, and a coefficient for each axis. */
enum { AXES = 2, RECORD_SIZE = 8 + 4 + 4 * AXES };

/* A common word: its letters with their edges, the rows of the character n-grams that the model has of it, and their
   sums of idf * coefficient and of idf squared. Memory traffic is what scoring costs: a word's rows are two cache lines,
   its n-grams' records twenty. */
typedef struct {
    uint64_t hash;
    uint32_t start, count, letters, length; /* length 0 is free */
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
    Known *known; /* open addressing */
    uint64_t known_mask;
    size_t known_left;           /* how many more words it has room for */
    uint32_t *rows, *letters;    /* of the known words */
    size_t row_count, row_room, letter_count, letter_room;
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

/* A word known by heart, and which of the headline's it is. */
typedef struct {
    int place, word;
} Met;

/* Room for one headline; one thread at a time. A known word has no more rows than its n-grams would be terms, so
   `terms_most` bounds all occurrences; what is sized by it says so. */
typedef struct {
    Character text[ROOM], lowered[ROOM];
    int length;
    uint32_t seen; /* flags of all characters */
    Word words[WORDS_ROOM], lowered_words[WORDS_ROOM];
    const Character *low; /* in lower case: `lower` of `text`, or of `lowered` where lengths differ */
    const Word *low_words;
    int word_count;
    Token tokens[ROOM], kept[ROOM + 2];
    int token_count, kept_count;
    int unigrams;             /* the first terms: a token each, or none, where the model has none */
    uint16_t letters[COUNTS];  /* tokens of letters: those that the model knows, all, and other languages' */
    uint32_t edged[EDGED_ROOM], folded[2 * ROOM], skeleton[2 * ROOM + 8];
    size_t edged_length;
    char name[NAME_MOST]; /* of the one mark without bounds */
    size_t term_count;
    Met known[WORDS_ROOM]; /* whose n-grams are not among the terms */
    int known_count;
    double shares[WORDS_ROOM][AXES], rest[AXES]; /* evidence */
    uint64_t *slots;    /* for counting: at least 2 * terms_most */
    uint32_t *repeated; /* terms_most: the slots of terms that occur more than once */
    uint32_t *places;   /* terms_most: the slot of each occurrence, of known words' n-grams, then of the terms */
    float *counts;      /* terms_most: how often each distinct row occurs */
    int32_t *rows;      /* terms_most */
    Term terms[];       /* terms_most */
} Scratch;

static inline uint64_t mixed(uint64_t h) {
    h = (h ^ (h >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ (h >> 32);
}

static inline int is_letter(const Character *c) {
    return (c->flags & (WORD | DECIMAL)) == WORD && c->point != '_';
}

static inline uint64_t hash_of(const Character *text, int length) {
    uint64_t hash = 0;
    for (int i = 0; i < length; i++) hash = hash * MULTIPLIER + text[i].point;
    return hash;
}

/* vocabulary.c */
int vocabulary_init(Cutter *cutter, size_t words, size_t entities); /* -1 without memory */
void vocabulary_free(Cutter *cutter);
int vocabulary_learn(Cutter *cutter, const uint32_t *letters, size_t length, uint32_t traits); /* -1: no room for it */
uint32_t traits_of(const Cutter *cutter, const Character *word, int length);
uint32_t traits_of_lower(const Cutter *cutter, const Character *word, int length);
uint32_t traits_of_token(const Cutter *cutter, const Token *token, const uint32_t *spelled);

/* entities.c */
int entity_learn(Cutter *cutter, const uint32_t *name, size_t length, const uint32_t *points, size_t count);
/* Puts characters in the place of entities, once, without their properties: these have `flags` of UNREAD. */
enum { UNREAD = 1 << 30 };
int unescape(const Cutter *cutter, Character *raw, int length);

/* cutter.c */
/* After its four numbers are set. Gives -1 without memory, -2 where they are beyond the limits above. */
int cutter_init(Cutter *cutter, size_t vocabulary_size, size_t entities);
int cutter_class(Cutter *cutter, const char *name); /* in the order of their numbers; -1 when there are too many */
void cutter_free(Cutter *cutter);
Scratch *scratch_new(const Cutter *cutter);
void scratch_free(Scratch *scratch);
/* Takes at most ROOM characters, opened and without entities. Gives 0, or -1: ask the reference. With a table, the
   n-grams of words that it knows are left out. */
int cut(const Cutter *cutter, const Table *table, Scratch *s, Character *raw, int length);
size_t spell(const Cutter *cutter, const Scratch *s, const Term *term, uint32_t *out); /* at most 2 * ROOM + 8 */

/* clean.c */
int without_invisible(Character *raw, int length);
int clean(const Cutter *cutter, Scratch *s, Character *raw, int length); /* 0, or -1: ask the reference */

/* wire.c */
int start_of_headline(const Cutter *cutter, const Character *text, int length); /* behind marks of the wire */
int end_of_headline(const Cutter *cutter, const Character *text, int length);   /* before marks of the wire */
/* Whether three letters may stand by themselves, as in S H O U T: Python looks closer. */
int is_set_apart(const Character *raw, int length);

/* lower.c */
int lower(Scratch *s); /* the words that were split; 0, or -1: ask the reference */

/* families.c */
void marks_init(Cutter *cutter);
uint64_t name_key(const char *name); /* of a mark, which is ASCII */

/* marks.c */
void add_marks(const Cutter *cutter, Scratch *s);

/* table.c */
/* Gives -1 without memory, -2 for too many records. Records that are not sorted by key are only not found. */
int table_init(Table *table, const unsigned char *records, size_t count, size_t words);
void table_free(Table *table);
/* The place of a common word by its letters and their hash, or -1. */
int table_known(const Table *table, uint64_t hash, const uint32_t *letters, size_t length);
int table_learn(Table *table, const Scratch *s); /* the one word that was cut; -1 without memory */

/* weigh.c */
void score(const Table *table, Scratch *s, double *out); /* log-odds of each axis */
/* Scores, and shares what was added to the bias among `shares` of the words and `rest`. */
void explain(const Table *table, Scratch *s, double *out);
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
