/* Lower case, word by word, as str.lower gives it: the final sigma, and the one letter that becomes two. */
#include "kernel.h"

/* The nearest character from `at` on that is not case-ignorable is cased. */
static int is_cased(const Character *t, int at, int step, int start, int stop) {
    while (at >= start && at < stop && (t[at].flags & IGNORABLE)) at += step;
    return at >= start && at < stop && (t[at].flags & CASED);
}

static void lower_sigmas(Character *t, Word word) {
    for (int i = word.start; i < word.stop; i++)
        if (t[i].flags & SIGMA) {
            int final = is_cased(t, i - 1, -1, word.start, word.stop) && !is_cased(t, i + 1, 1, word.start, word.stop);
            t[i].lower = final ? 0x3C2 : 0x3C3;
        }
}

/* Copies a word, each dotted capital I as i and a dot above; gives where it ends, or -1 where there is no room. */
static int expand(const Character *t, Word word, Character *out, int end) {
    for (int i = word.start; i < word.stop; i++) {
        int dotted = (t[i].flags & DOTTED) != 0;
        if (end + 1 + dotted > ROOM) return -1;
        out[end++] = dotted ? (Character){'i', 'i', WORD | ALPHA | LOWER, 0, 0} : t[i];
        if (dotted) out[end++] = (Character){0x307, 0x307, 0, 0, 0};
    }
    return end;
}

int lower(Scratch *s) {
    s->low = s->text;
    s->low_words = s->words;
    if (s->seen & SIGMA)
        for (int w = 0; w < s->word_count; w++) lower_sigmas(s->text, s->words[w]);
    if (!(s->seen & DOTTED)) return 0;
    for (int w = 0, end = 0; w < s->word_count; w++) {
        int start = end;
        if ((end = expand(s->text, s->words[w], s->lowered, end)) < 0) return -1;
        s->lowered_words[w] = (Word){start, end};
    }
    s->low = s->lowered;
    s->low_words = s->lowered_words;
    return 0;
}
