/* Marks of style and form, as model/terms/style.py gives them. */
#include <math.h>
#include <stdio.h>

#include "families.h"

static void add_mark(const Cutter *cutter, Scratch *s, int mark, int block, int first, int stop) {
    s->terms[s->term_count++] = (Term){.key = cutter->mark_keys[mark], .start = (uint32_t)mark, .spelled = MARK,
                                       .block = (uint8_t)block, .first = (uint16_t)first, .stop = (uint16_t)stop};
}

/* A mark of the headline as a whole. */
static void add_one(const Cutter *cutter, Scratch *s, int family, int number) {
    add_mark(cutter, s, cutter->first_marks[family] + number, FAMILY[family].block, 0, 0);
}

/* A mark of some words. */
static void add_at(const Cutter *cutter, Scratch *s, int family, int number, int first, int count) {
    add_mark(cutter, s, cutter->first_marks[family] + number, FAMILY[family].block, first, first + count);
}

static int least(int a, int b) { return a < b ? a : b; }

static void add_classes(const Cutter *cutter, Scratch *s) {
    uint64_t seen = 0;
    int links = 0;
    for (int i = 0; i < s->token_count; i++) {
        int number = s->tokens[i].traits >> CLASS_SHIFT;
        if (!number) continue;
        links += (s->tokens[i].traits & LINK) != 0;
        int place = s->tokens[i].place;
        if (!(seen >> (number - 1) & 1))
            add_mark(cutter, s, cutter->first_class + number - 1, STYLES, place, place + 1);
        seen |= UINT64_C(1) << (number - 1);
    }
    add_one(cutter, s, F_LINKS, least(links, 4));
}

static int sign_family(const Token *token) {
    switch (token->sign) {
        case '?': return F_QUESTION;
        case '!': return F_EXCLAMATION;
        case '.': return F_DOTS;
        case ':': return F_COLON;
        case ';': return F_SEMICOLON;
        case '%': return F_PERCENT;
        case '$': case 0xA3: case 0x20AC: return F_MONEY;
        default: return -1;
    }
}

static void add_signs(const Cutter *cutter, Scratch *s) {
    uint32_t seen = 0;
    for (int i = 0; i < s->token_count; i++) {
        int family = sign_family(&s->tokens[i]);
        if (family < 0 || (seen >> family & 1)) continue;
        seen |= UINT32_C(1) << family;
        int place = s->tokens[i].place;
        add_at(cutter, s, family, 0, place, 1);
        if (family == F_COLON) add_at(cutter, s, F_COLON_AT, least(place, 4), place, 1);
    }
}

static int holds(const Scratch *s, Word word, uint32_t point) {
    for (int i = word.start; i < word.stop; i++)
        if (s->text[i].point == point) return 1;
    return 0;
}

static void add_counted(const Cutter *cutter, Scratch *s) {
    int dashes = 0, brackets = 0, commas = 0;
    for (int w = 0; w < s->word_count; w++) {
        Word word = s->words[w];
        dashes += word.stop - word.start == 1 && s->text[word.start].point == '-';
        brackets += holds(s, word, '(');
        commas += holds(s, word, ',');
    }
    if (dashes) add_one(cutter, s, F_DASH, least(dashes, 3) - 1);
    if (brackets) add_one(cutter, s, F_BRACKET, least(brackets, 3) - 1);
    if (commas) add_one(cutter, s, F_COMMA, least(commas, 3) - 1);
}

static void add_end(const Cutter *cutter, Scratch *s) {
    int last = s->word_count - 1;
    if (last < 0) return;
    switch (s->text[s->words[last].stop - 1].point) {
        case '?': add_at(cutter, s, F_END_QUESTION, 0, last, 1); break;
        case '!': add_at(cutter, s, F_END_EXCLAMATION, 0, last, 1); break;
        case ':': add_at(cutter, s, F_END_COLON, 0, last, 1); break;
        case '.': add_at(cutter, s, F_END_DOT, 0, last, 1); break;
    }
}

/* Where the quotation that opens at `open` closes: the nearest end with 2 to 120 characters between; or -1. */
static int closing(const Scratch *s, int open) {
    const Character *t = s->text;
    if (open && (t[open - 1].flags & WORD)) return -1;
    if (open + 1 >= s->length || t[open + 1].point == ' ') return -1;
    for (int at = open + 3; at < s->length && at <= open + 121; at++)
        if (t[at].point == t[open].point && t[at - 1].point != ' ' && (at + 1 >= s->length || !(t[at + 1].flags & WORD)))
            return at;
    return -1;
}

static void add_quotes(const Cutter *cutter, Scratch *s) {
    const Character *t = s->text;
    for (int i = 0, word = 0; i < s->length; i++) {
        word += t[i].point == ' ';
        if (t[i].point != '\'' && t[i].point != '"') continue;
        int close = closing(s, i);
        if (close < 0) continue;
        int words = 1;
        for (int k = i + 1; k < close; k++) words += t[k].point == ' ';
        add_at(cutter, s, words == 1 ? F_QUOTE_1 : words <= 3 ? F_QUOTE_2 : F_QUOTE_4, 0, word, words);
        word += words - 1;
        i = close;
    }
    if (s->length && (t[0].point == '\'' || t[0].point == '"')) add_at(cutter, s, F_QUOTE_FIRST, 0, 0, 1);
}

/* str.isupper */
static int is_upper(const Scratch *s, Word word) {
    uint32_t seen = 0;
    for (int i = word.start; i < word.stop; i++) seen |= s->text[i].flags;
    return (seen & (UPPER | LOWER)) == UPPER;
}

static int count_alpha(const Scratch *s, Word word) {
    int count = 0;
    for (int i = word.start; i < word.stop; i++) count += (s->text[i].flags & ALPHA) != 0;
    return count;
}

/* Whether a run of capitals is a word and no acronym. */
static int is_loud(const Cutter *cutter, const Character *run, int length) {
    uint32_t traits = traits_of(cutter, run, length);
    if (traits & ACRONYM) return 0;
    if (length > 3 || (length > 1 && (traits & SHORT))) return 1;
    return length > 1 && (traits_of_lower(cutter, run, length) & STYLE);
}

static int is_shouted(const Cutter *cutter, const Scratch *s, Word word) {
    for (int i = word.start; i < word.stop; i++)
        if (s->text[i].flags & DIGIT) return 0;
    for (int i = word.start; i < word.stop;) {
        int start = i;
        while (i < word.stop && is_letter(&s->text[i])) i++;
        if (i > start && is_loud(cutter, s->text + start, i - start)) return 1;
        i += i == start;
    }
    return 0;
}

static void add_shouts(const Cutter *cutter, Scratch *s) {
    int longer = 0, capitals = 0, shouted = 0, any = 0;
    for (int w = 0; w < s->word_count; w++) {
        int upper = is_upper(s, s->words[w]);
        any |= upper;
        if (count_alpha(s, s->words[w]) < 3) continue;
        longer++;
        capitals += upper;
    }
    if (!any || !longer || capitals > 0.6 * longer) return;
    for (int w = 0; w < s->word_count && shouted < 2; w++)
        if (is_upper(s, s->words[w]) && is_shouted(cutter, s, s->words[w]))
            add_at(cutter, s, F_SHOUT, shouted++, w, 1);
}

static void add_names(const Cutter *cutter, Scratch *s) {
    int body = 0, longer = 0, capitals = 0, names = 0;
    for (int w = 1; w < s->word_count; w++) {
        Word word = s->words[w];
        while (word.start < word.stop && (s->text[word.start].point == '\'' || s->text[word.start].point == '"' ||
                                          s->text[word.start].point == '('))
            word.start++;
        int length = word.stop - word.start;
        if (!length || !(s->text[word.start].flags & ALPHA)) continue;
        int upper = (s->text[word.start].flags & UPPER) != 0;
        body++;
        longer += length > 3;
        capitals += length > 3 && upper;
        names += upper && !(length == 1 && s->text[word.start].point == 'I');
    }
    if (body < 2 || (longer > 2 && capitals > 0.7 * longer)) return;
    if (names) add_one(cutter, s, F_NAMES, least(names, 8) - 1);
    add_one(cutter, s, F_NAMES_OF_TEN, (int)nearbyint(10.0 * names / body) / 2);
}

/* An age: one or two digits, maybe in brackets or between commas. */
static int is_age(const Scratch *s, Word word) {
    const Character *t = s->text;
    int at = word.start, digits = 0;
    if (at < word.stop && t[at].point == ',') at++;
    if (at < word.stop && t[at].point == '(') at++;
    while (at < word.stop && (t[at].flags & DECIMAL)) at++, digits++;
    if (digits < 1 || digits > 2) return 0;
    if (at < word.stop && t[at].point == ')') at++;
    if (at < word.stop && t[at].point == ',') at++;
    return at == word.stop;
}

static void add_numbers(const Cutter *cutter, Scratch *s) {
    for (int w = 1; w < s->word_count; w++)
        if (s->text[s->words[w - 1].stop - 1].point == ',' && is_age(s, s->words[w])) add_at(cutter, s, F_AGE, 0, w, 1);
    for (int i = 0; i < s->token_count; i++)
        if (s->tokens[i].number) {
            int place = s->tokens[i].place;
            add_at(cutter, s, F_NUMBER, 0, place, 1);
            if (!i) add_at(cutter, s, F_NUMBER_FIRST, 0, place, 1);
            return;
        }
}

static void add_letters_a_word(const Cutter *cutter, Scratch *s, int letters, int count) {
    int halves = (int)nearbyint(2.0 * letters / (count ? count : 1));
    if (halves < FAMILY[F_LETTERS].count) {
        add_one(cutter, s, F_LETTERS, halves);
        return;
    }
    snprintf(s->name, NAME_MOST, FAMILY[F_LETTERS].name, halves / 2.0);
    s->terms[s->term_count++] = (Term){.key = name_key(s->name), .block = FORM, .spelled = NAMED};
}

static void add_lengths(const Cutter *cutter, Scratch *s) {
    int count = 0, letters = 0, style = 0, longer = 0;
    for (int i = 0; i < s->token_count; i++) {
        const Token *token = &s->tokens[i];
        if (!token->alpha) continue;
        count++;
        letters += token->length;
        style += (token->traits & STYLE) != 0;
        longer += token->length > 6;
    }
    add_one(cutter, s, F_WORDS, least(count, 24) / 2);
    add_one(cutter, s, F_ABOUT, least(count / 4, 6));
    add_letters_a_word(cutter, s, letters, count);
    add_one(cutter, s, F_STYLE, 8 * style / (count ? count : 1));
    add_one(cutter, s, F_TOPIC, least(count - style, 12));
    add_one(cutter, s, F_LONG, least(longer, 6));
    add_one(cutter, s, F_CHARACTERS, least(s->length / 10, 14));
}

void add_marks(const Cutter *cutter, Scratch *s) {
    add_classes(cutter, s);
    add_signs(cutter, s);
    add_counted(cutter, s);
    add_end(cutter, s);
    add_quotes(cutter, s);
    add_shouts(cutter, s);
    add_names(cutter, s);
    add_numbers(cutter, s);
    add_lengths(cutter, s);
}
