/* Cleaning, as model/terms/cleaning.py does it. */
#include "kernel.h"

#include <string.h>

/* A character in the place of those from `first` to `last`. */
static Character instead(const Character *first, const Character *last, uint32_t point, uint32_t flags) {
    return (Character){point, point, flags, first->start, last->stop};
}

int without_invisible(Character *t, int length) {
    int out = 0;
    for (int i = 0; i < length; i++)
        if (!(t[i].flags & INVISIBLE)) t[out++] = t[i];
    return out;
}

static int fold_quotes(Character *t, int length) {
    int out = 0;
    for (int i = 0; i < length; i++) {
        int pair = (t[i].flags & SINGLE) && i + 1 < length && (t[i + 1].flags & SINGLE);
        if ((t[i].flags & DOUBLE) || pair)
            t[out++] = instead(t + i, t + i + pair, '"', DOUBLE);
        else if (t[i].flags & SINGLE)
            t[out++] = instead(t + i, t + i, '\'', SINGLE | IGNORABLE);
        else
            t[out++] = t[i];
        i += pair;
    }
    return out;
}

static int fold_dashes(Character *t, int length) {
    int out = 0;
    for (int i = 0; i < length;) {
        if (t[i].flags & DASH) {
            t[out++] = instead(t + i, t + i, '-', HYPHEN);
            i++;
        } else if (t[i].flags & HYPHEN) {
            int stop = i, after_space = i == 0 || (t[i - 1].flags & SPACE);
            while (stop < length && (t[stop].flags & HYPHEN)) stop++;
            int one = stop - i > 1 && after_space && (stop == length || (t[stop].flags & SPACE));
            if (one)
                t[out++] = instead(t + i, t + stop - 1, '-', HYPHEN);
            else
                for (int k = i; k < stop; k++) t[out++] = t[k];
            i = stop;
        } else
            t[out++] = t[i++];
    }
    return out;
}

/* Writes the text with ellipses as dots, and with one blank for each run of white space, none at the ends. Gives -1
   where there is no room, which no headline of at most LONGEST characters can need. */
static int fold_space(Scratch *s, const Character *t, int length) {
    int out = 0, pending = 0;
    s->seen = 0;
    for (int i = 0; i < length; i++) {
        if (t[i].flags & SPACE) {
            pending = out > 0;
            continue;
        }
        int times = t[i].flags & ELLIPSIS ? 3 : 1;
        if (out + pending + times > ROOM) return -1;
        if (pending) s->text[out++] = instead(t + i - 1, t + i - 1, ' ', SPACE);
        pending = 0;
        s->seen |= t[i].flags;
        if (times == 1)
            s->text[out++] = t[i];
        else
            while (times--) s->text[out++] = instead(t + i, t + i, '.', IGNORABLE);
    }
    s->length = out;
    return 0;
}

static int is_separator(const Character *t, int at, int length) {
    return at + 2 < length && t[at].point == ' ' && (t[at + 1].point == '-' || t[at + 1].point == '|') &&
           t[at + 2].point == ' ';
}

static int run_of_word(const Character *t, int at, int stop) {
    while (at < stop && (t[at].flags & WORD)) at++;
    return at;
}

/* Whether a name holds a word that newspapers are named by, or the end of an address. */
static int is_named(const Cutter *cutter, const Character *t, int start, int stop) {
    for (int i = start; i < stop;) {
        if (t[i].flags & WORD) {
            int end = run_of_word(t, i, stop);
            if (traits_of(cutter, t + i, end - i) & OUTLET) return 1;
            i = end;
        } else if (t[i++].point == '.') {
            int end = run_of_word(t, i, stop);
            if (traits_of(cutter, t + i, end - i) & DOMAIN) return 1;
            if (end < stop && t[end].point == '.') {
                end = run_of_word(t, end + 1, stop);
                if (traits_of(cutter, t + i, end - i) & DOMAIN) return 1;
            }
        }
    }
    return 0;
}

static int next_word(const Character *t, int *at, int stop) {
    while (*at < stop && t[*at].point == ' ') ++*at;
    int start = *at;
    while (*at < stop && t[*at].point != ' ') ++*at;
    return start;
}

static int is_title_case(const Character *t, int stop) {
    int words = 0, upper = 0;
    for (int at = 0; at < stop;) {
        int start = next_word(t, &at, stop);
        if (start == at || !(t[start].flags & ALPHA)) continue;
        words++;
        upper += (t[start].flags & UPPER) != 0;
    }
    return upper > 0.6 * words;
}

static int is_publisher(const Cutter *cutter, const Character *t, int rest, int start, int stop) {
    int words = 0, blanks = 0, capital = 1;
    for (int at = start; at < stop; words++) {
        int first = next_word(t, &at, stop);
        if (!(t[first].flags & UPPER) && !(traits_of(cutter, t + first, at - first) & LINKING)) capital = 0;
    }
    for (int i = 0; i < rest; i++) blanks += t[i].point == ' ';
    if (words > 5 || blanks < 2 || !capital) return words == 1 && is_named(cutter, t, start, stop);
    return is_named(cutter, t, start, stop) || !is_title_case(t, rest);
}

static int without_publisher(const Cutter *cutter, const Character *t, int length) {
    for (int i = length > 43 ? length - 43 : 0; i < length - 4; i++) {
        if (!is_separator(t, i, length)) continue;
        int whole = 1;
        for (int k = i + 3; k < length && whole; k++) whole = !is_separator(t, k, length);
        if (whole) return is_publisher(cutter, t, i, i + 3, length) ? i : length;
    }
    return length;
}

/* Where a mark that the feed cut the headline begins: dots, or three dots in a bracket that may be open. */
static int without_cut_mark(const Character *t, int length) {
    int stop = length, closing = 0, dots = 0;
    if (stop > 0 && (t[stop - 1].point == ']' || t[stop - 1].point == ')')) closing = t[--stop].point;
    while (stop > 0 && t[stop - 1].point == '.') stop--, dots++;
    if (dots < 3) return length;
    int opening = stop > 0 && dots == 3 ? (int)t[stop - 1].point : 0;
    if (closing ? opening != (closing == ']' ? '[' : '(') : 0) return length;
    if (opening == '[' || opening == '(') stop--;
    if (stop > 0 && t[stop - 1].point == ' ') stop--;
    return stop > 0 ? stop : length;
}

/* Most headlines hold nothing that a mark of the wire stands behind, and end in no bracket. */
static int without_wire(const Cutter *cutter, const Scratch *s, int length) {
    if (!length) return length;
    uint32_t last = s->text[length - 1].point;
    if (!(s->seen & (HYPHEN | BAR)) && last != ']' && last != ')') return length;
    return end_of_headline(cutter, s->text, length);
}

int clean(const Cutter *cutter, Scratch *s, Character *raw, int length) {
    uint32_t seen = 0;
    for (int i = 0; i < length; i++) seen |= raw[i].flags;
    if (seen & HARD) return -1;
    if (seen & INVISIBLE) length = without_invisible(raw, length);
    if (seen & (SINGLE | DOUBLE)) length = fold_quotes(raw, length);
    if (seen & (DASH | HYPHEN)) length = fold_dashes(raw, length);
    if (fold_space(s, raw, length) < 0) return -1;
    int start = start_of_headline(cutter, s->text, s->length), left = s->length - start;
    if (start) memmove(s->text, s->text + start, (size_t)left * sizeof *s->text);
    left = without_wire(cutter, s, left);
    int rest = without_publisher(cutter, s->text, left);
    if (rest != left) rest = without_wire(cutter, s, rest);
    s->length = without_cut_mark(s->text, rest);
    if (s->length != rest) s->length = without_wire(cutter, s, s->length);
    return 0;
}
