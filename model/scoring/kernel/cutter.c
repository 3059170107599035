/* Cutting a cleaned headline into words, tokens, the skeleton and n-grams, as model/terms/analyzer.py does it. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t CLASSES_MOST = 64, MARKS_A_HEADLINE = 64 + 2 * ROOM; /* quotations and ages are not bounded */

int cutter_init(Cutter *cutter, size_t vocabulary_size, size_t entities) {
    if (cutter->words < 0 || cutter->words > TOKENS_MOST || cutter->skeleton < 0 || cutter->skeleton > TOKENS_MOST ||
        cutter->shortest < 1 || cutter->longest < cutter->shortest || cutter->longest > LETTERS_MOST)
        return -2;
    cutter->marks = 0;
    marks_init(cutter);
    cutter->first_class = cutter->marks;
    size_t lengths = (size_t)(cutter->longest - cutter->shortest + 1);
    cutter->terms_most =
        lengths * EDGED_ROOM + (size_t)(cutter->words + cutter->skeleton) * (ROOM + 2) + MARKS_A_HEADLINE;
    return vocabulary_init(cutter, vocabulary_size, entities);
}

int cutter_class(Cutter *cutter, const char *name) {
    int number = cutter->marks;
    size_t length = strlen(name);
    if (length >= NAME_MOST || number >= MARKS_MOST || number - cutter->first_class >= (int)CLASSES_MOST) return -1;
    memcpy(cutter->mark_names[number], name, length + 1);
    cutter->mark_keys[number] = name_key(name);
    cutter->marks++;
    return 0;
}

void cutter_free(Cutter *cutter) { vocabulary_free(cutter); }

Scratch *scratch_new(const Cutter *cutter) {
    Scratch *s = malloc(sizeof(Scratch) + cutter->terms_most * sizeof(Term));
    if (!s) return NULL;
    size_t slots = 1024;
    while (slots < 2 * cutter->terms_most) slots *= 2;
    s->slots = malloc(slots * sizeof(uint64_t));
    s->repeated = malloc(cutter->terms_most * sizeof(uint32_t));
    s->places = malloc(cutter->terms_most * sizeof(uint32_t));
    s->rows = malloc(cutter->terms_most * sizeof(int32_t));
    s->counts = malloc(cutter->terms_most * sizeof(float));
    if (s->slots && s->repeated && s->places && s->rows && s->counts) return s;
    scratch_free(s);
    return NULL;
}

void scratch_free(Scratch *s) {
    free(s->slots);
    free(s->repeated);
    free(s->places);
    free(s->rows);
    free(s->counts);
    free(s);
}

/* What a term is spelled by: a buffer and a place in it. */
typedef struct {
    size_t start, length;
    int buffer;
} Spelled;

static void add(Scratch *s, uint64_t hash, int block, Spelled by, int first, int stop) {
    s->terms[s->term_count++] = (Term){mixed(hash),     (uint32_t)by.start, (uint16_t)by.length, (uint16_t)first,
                                       (uint16_t)stop, (uint8_t)block,     (uint8_t)by.buffer};
}

static void split(Scratch *s) {
    s->word_count = 0;
    for (int at = 0; at < s->length;) {
        int start = at;
        while (at < s->length && s->text[at].point != ' ') at++;
        if (at > start) s->words[s->word_count++] = (Word){start, at};
        at++;
    }
}

/* A token grows by one code point, which is also written where it is spelled. */
static void grow(Token *token, uint32_t *spelled, size_t *end, uint32_t point) {
    token->hash = token->hash * MULTIPLIER + point;
    token->power *= MULTIPLIER;
    token->length++;
    spelled[(*end)++] = point;
}

static int letters(const Scratch *s, int at, int stop, Token *token, uint32_t *folded, size_t *end) {
    token->sign = s->low[at].lower;
    token->alpha = (s->low[at].flags & ALPHA) != 0;
    while (at < stop) {
        if (is_letter(&s->low[at]))
            grow(token, folded, end, s->low[at++].lower);
        else if (s->low[at].point == '\'' && at + 1 < stop && is_letter(&s->low[at + 1]))
            at++;
        else
            break;
    }
    return at;
}

/* A number is its length, at most 3; a year is 0000. */
static int number(const Scratch *s, int at, int stop, Token *token, uint32_t *folded, size_t *end) {
    int start = at, digits = 0;
    while (at < stop) {
        if (s->low[at].flags & DECIMAL)
            digits++, at++;
        else if ((s->low[at].point == '.' || s->low[at].point == ',') && at + 1 < stop &&
                 (s->low[at + 1].flags & DECIMAL))
            at++;
        else
            break;
    }
    const Character *t = s->low + start;
    int century = at - start == 4 && digits == 4 &&
                  ((t[0].point == '1' && t[1].point == '9') || (t[0].point == '2' && t[1].point == '0'));
    int zeros = century ? 4 : digits < 3 ? digits : 3;
    for (int i = 0; i < zeros; i++) grow(token, folded, end, '0');
    token->number = 1;
    token->sign = '0';
    return at;
}

static int is_sign(uint32_t point) {
    switch (point) {
        case '?': case '!': case ':': case ';': case '"': case '$': case '%': case 0xA3: case 0x20AC: return 1;
        default: return 0;
    }
}

static int is_dots(const Scratch *s, int at, int stop) {
    return at + 2 < stop && s->low[at].point == '.' && s->low[at + 1].point == '.' && s->low[at + 2].point == '.';
}

/* Reads the token at `at`, if one begins there; gives where it ends, or the next place. */
static int read_token(const Scratch *s, int at, int stop, Token *token, uint32_t *folded, size_t *end) {
    const Character *c = &s->low[at];
    if (is_letter(c)) return letters(s, at, stop, token, folded, end);
    if (c->flags & DECIMAL) return number(s, at, stop, token, folded, end);
    int length = is_dots(s, at, stop) ? 3 : is_sign(c->point);
    for (int i = 0; i < length; i++) grow(token, folded, end, c->point);
    token->sign = c->point;
    return at + (length ? length : 1);
}

static void tokenize(const Cutter *cutter, Scratch *s) {
    size_t end = 0;
    s->token_count = 0;
    for (int w = 0; w < s->word_count; w++) {
        for (int at = s->low_words[w].start; at < s->low_words[w].stop;) {
            Token *token = &s->tokens[s->token_count];
            *token = (Token){.power = 1, .start = (uint32_t)end, .place = (uint16_t)w};
            at = read_token(s, at, s->low_words[w].stop, token, s->folded, &end);
            if (!token->length) continue;
            token->traits = (uint16_t)(token->alpha ? traits_of_token(cutter, token, s->folded) : 0);
            s->folded[end++] = SPACE_POINT;
            s->token_count++;
        }
    }
}

/* The key of a run of tokens joined by blanks, after a prefix. */
static uint64_t joined(const Token *tokens, int count, uint64_t prefix) {
    uint64_t hash = prefix * tokens[0].power + tokens[0].hash;
    for (int i = 1; i < count; i++) hash = (hash * MULTIPLIER + SPACE_POINT) * tokens[i].power + tokens[i].hash;
    return hash;
}

static void add_ngrams(Scratch *s, const Token *tokens, int count, int shortest, int longest, int block) {
    int skeleton = block == SKELETON;
    for (int length = shortest; length <= longest; length++)
        for (int i = 0; i + length <= count; i++) {
            const Token *last = &tokens[i + length - 1];
            Spelled by = {tokens[i].start, last->start + last->length - tokens[i].start, skeleton ? KEPT : FOLDED};
            add(s, joined(tokens + i, length, skeleton ? '=' : 0), block, by, tokens[i].place, last->place + 1);
        }
}

/* Writes a word with its edges, digits as 0, and hashes its letters. */
static size_t write_edged(Scratch *s, Word word, size_t end, uint64_t *hash) {
    *hash = 0;
    s->edged[end++] = '_';
    for (int i = word.start; i < word.stop; i++) {
        uint32_t point = s->low[i].flags & DECIMAL ? '0' : s->low[i].lower;
        s->edged[end++] = point;
        *hash = *hash * MULTIPLIER + point;
    }
    s->edged[end++] = '_';
    return end;
}

static void add_word_ngrams(const Cutter *cutter, Scratch *s, size_t first, size_t end, int word) {
    for (size_t start = first; start < end; start++) {
        uint64_t hash = '~';
        for (int k = 0; k < cutter->longest && start + (size_t)k < end; k++) {
            hash = hash * MULTIPLIER + s->edged[start + (size_t)k];
            if (k + 1 >= cutter->shortest)
                add(s, hash, CHARS, (Spelled){start, (size_t)k + 1, EDGED}, word, word + 1);
        }
    }
}

static void add_char_ngrams(const Cutter *cutter, const Table *table, Scratch *s) {
    uint64_t hash;
    s->known_count = 0;
    s->edged_length = 0;
    for (int w = 0; w < s->word_count; w++) {
        size_t first = s->edged_length;
        s->edged_length = write_edged(s, s->low_words[w], first, &hash);
        int known = table ? table_known(table, hash, s->edged + first, s->edged_length - first) : -1;
        if (known >= 0)
            s->known[s->known_count++] = (Met){known, w};
        else
            add_word_ngrams(cutter, s, first, s->edged_length, w);
    }
}

static void keep(Scratch *s, Token token, const uint32_t *spelled, size_t *end) {
    memcpy(s->skeleton + *end, spelled, token.length * sizeof(uint32_t));
    token.start = (uint32_t)*end;
    *end += token.length;
    s->skeleton[(*end)++] = SPACE_POINT;
    s->kept[s->kept_count++] = token;
}

static void keep_sign(Scratch *s, uint32_t point, int place, size_t *end) {
    Token sign = {.hash = point, .power = MULTIPLIER, .length = 1, .place = (uint16_t)place, .sign = point};
    keep(s, sign, &point, end);
}

static void keep_skeleton(Scratch *s) {
    size_t end = 0;
    s->kept_count = 0;
    if (!s->word_count) return;
    keep_sign(s, '|', 0, &end);
    for (int i = 0; i < s->token_count; i++) {
        const Token *token = &s->tokens[i];
        if (!token->alpha || (token->traits & STYLE))
            keep(s, *token, s->folded + token->start, &end);
        else if (s->kept[s->kept_count - 1].sign != '*')
            keep_sign(s, '*', token->place, &end);
    }
    keep_sign(s, '|', s->word_count - 1, &end);
}

int cut(const Cutter *cutter, const Table *table, Scratch *s, Character *raw, int length) {
    if (clean(cutter, s, raw, length) < 0) return -1;
    s->term_count = 0;
    split(s);
    if (lower(s) < 0) return -1;
    tokenize(cutter, s);
    add_ngrams(s, s->tokens, s->token_count, 1, cutter->words, WORDS);
    s->unigrams = cutter->words ? s->token_count : 0;
    add_char_ngrams(cutter, table, s);
    add_marks(cutter, s);
    keep_skeleton(s);
    add_ngrams(s, s->kept, s->kept_count, 2, cutter->skeleton, SKELETON);
    return 0;
}

static size_t copy_name(const char *name, uint32_t *out) {
    size_t length = 0;
    for (; name[length]; length++) out[length] = (unsigned char)name[length];
    return length;
}

size_t spell(const Cutter *cutter, const Scratch *s, const Term *term, uint32_t *out) {
    if (term->spelled == MARK) return copy_name(cutter->mark_names[term->start], out);
    if (term->spelled == NAMED) return copy_name(s->name, out);
    const uint32_t *text = term->spelled == EDGED ? s->edged : term->spelled == FOLDED ? s->folded : s->skeleton;
    size_t prefix = 0;
    if (term->spelled == EDGED) out[prefix++] = '~';
    if (term->spelled == KEPT) out[prefix++] = '=';
    memcpy(out + prefix, text + term->start, term->length * sizeof(uint32_t));
    return prefix + term->length;
}
