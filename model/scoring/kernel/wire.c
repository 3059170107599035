/* What the wire and the desk put around a headline, as model/terms/cleaning.py finds it; and letters set apart. */
#include "kernel.h"

enum { MARK_MOST = 32 }; /* characters of a mark */

static uint32_t point_at(const Character *t, int at, int length) { return at >= 0 && at < length ? t[at].point : 0; }

/* What t[start, stop) is, in any case, with a number of one or two digits behind it or none: a mark has WIRE. */
static uint32_t mark_traits(const Cutter *cutter, const Character *t, int start, int stop) {
    while (start < stop && t[start].point == ' ') start++;
    while (start < stop && t[stop - 1].point == ' ') stop--;
    int digits = 0;
    while (digits < 2 && stop - digits > start && (t[stop - 1 - digits].flags & DECIMAL)) digits++;
    if (digits && stop - digits - 1 > start && t[stop - digits - 1].point == ' ') stop -= digits + 1;
    return stop > start ? traits_of_lower(cutter, t + start, stop - start) : 0;
}

static int skipped(const Character *t, int at, int length) { return at + (point_at(t, at, length) == ' '); }

static int find(const Character *t, int start, int stop, uint32_t point) {
    for (; start < stop; start++)
        if (t[start].point == point) return start;
    return -1;
}

static int has_lower(const Character *t, int start, int stop) {
    for (; start < stop; start++)
        if (t[start].flags & LOWER) return 1;
    return 0;
}

static int is_decoration(uint32_t point) {
    return point == '#' || point == '*' || point == '_' || point == '~' || point == '>' || point == ' ';
}

/* How many characters the sign at `at` has that is none of a word's and parts a mark in capitals; 0 for none. */
static int cry_at(const Character *t, int at, int length) {
    switch (point_at(t, at, length)) {
        case '!': case '*': case '>': case 0x2022: case 0xBB: case 0xB7: return 1;
        case '/': return point_at(t, at + 1, length) == '/' ? 2 : 0;
        case '.': return point_at(t, at + 1, length) == '.' && point_at(t, at + 2, length) == '.' ? 3 : 0;
        default: return 0;
    }
}

static int behind_cries(const Character *t, int at, int length) {
    for (int size; (size = cry_at(t, at, length)) > 0;) at += size;
    return skipped(t, at, length);
}

/* Where what follows the mark at `at` begins, or `at` where none stands there. */
static int after_mark(const Cutter *cutter, const Character *t, int at, int length) {
    int first = at, tagged = point_at(t, at, length) == '#';
    while (first < length && is_decoration(t[first].point)) first++;
    uint32_t opening = point_at(t, first, length);
    if (opening == '[' || opening == '(') {
        int most = first + 1 + MARK_MOST < length ? first + 1 + MARK_MOST : length;
        int stop = find(t, first + 1, most, opening == '[' ? ']' : ')');
        if (stop < 0 || !(mark_traits(cutter, t, first + 1, stop) & WIRE)) return at;
        return skipped(t, stop + 1 + (point_at(t, stop + 1, length) == ':'), length);
    }
    int most = first + MARK_MOST < length ? first + MARK_MOST : length;
    for (int i = first; i < most; i++) {
        if (t[i].flags & (ALPHA | DECIMAL) || (t[i].point == ' ' && !tagged)) continue;
        uint32_t before = point_at(t, i - 1, length), behind = point_at(t, i + 1, most);
        int is_dash = t[i].point == '-', colon = t[i].point == ':';
        int apart = (is_dash || t[i].point == '|') && before == ' ' && behind == ' ';
        int tight = is_dash && i > first && before != ' ' && behind && behind != ' ';
        int cry = cry_at(t, i, most), blank = tagged && t[i].point == ' ';
        if (!colon && !apart && !tight && !cry && !blank) continue;
        uint32_t traits = mark_traits(cutter, t, first, i);
        if ((colon || apart) && (traits & WIRE)) return skipped(t, i + 1, length);
        if (tight && (traits & TIGHT) && !has_lower(t, first, i)) return skipped(t, i + 1, length);
        if ((cry || blank) && (traits & WIRE) && !has_lower(t, first, i))
            return cry ? behind_cries(t, i, length) : skipped(t, i + 1, length);
        if (colon || apart) break;
    }
    return at;
}

int start_of_headline(const Cutter *cutter, const Character *t, int length) {
    int start = 0, after;
    while ((after = after_mark(cutter, t, start, length)) < length && after > start) start = after;
    return start;
}

/* Where what precedes the mark that stops at `end` stops, or `end` where none does. */
static int before_mark(const Cutter *cutter, const Character *t, int end) {
    int least = end > MARK_MOST ? end - MARK_MOST : 0;
    uint32_t closing = point_at(t, end - 1, end);
    if (closing == ']' || closing == ')') {
        int start = end - 1;
        while (start >= least && t[start].point != (closing == ']' ? '[' : '(')) start--;
        if (start < least || !(mark_traits(cutter, t, start + 1, end - 1) & WIRE)) return end;
        return start - (point_at(t, start - 1, end) == ' ');
    }
    for (int i = end - 3; i >= least; i--)
        if ((t[i + 1].point == '-' || t[i + 1].point == '|') && t[i].point == ' ' && t[i + 2].point == ' ')
            return mark_traits(cutter, t, i + 3, end) & WIRE ? i : end;
    return end;
}

int end_of_headline(const Cutter *cutter, const Character *t, int length) {
    int end = length, before;
    while ((before = before_mark(cutter, t, end)) > 0 && before < end) end = before;
    return end;
}

int is_set_apart(const Character *raw, int length) {
    uint32_t bits = 0, found = 0; /* a bit a letter, and one for what stands between them; the last is the lowest */
    for (int i = 0; i <= length; i++) {
        if (i < length && (raw[i].flags & INVISIBLE)) continue;
        int letter = i < length && is_letter(&raw[i]);
        if (!letter && i && !(bits & 1)) continue;
        bits = bits << 1 | (uint32_t)letter;
        found |= (bits & 0x7F) == 0x2A; /* 0101010 */
    }
    return found != 0;
}
