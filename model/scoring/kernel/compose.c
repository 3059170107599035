/* Letters and the accents that stand behind them, as model/terms/cleaning.py has them composed: what is given to Python, and what
   comes back. */
#include "kernel.h"

/* Where the run of a word character and what is composed with it ends; `at` where none begins there. */
static int end_of_composed(const Character *raw, int at, int length) {
    int end = at + 1;
    if (!(raw[at].flags & WORD)) return at;
    while (end < length && (raw[end].flags & COMBINING)) end++;
    return end > at + 1 ? end : at;
}

/* Writes accents in their canonical order, which composes to the same: whoever composes them would move each beyond all
   others of a higher class, half a millisecond for 500 of them. Class 0, which none may pass, ends a run. */
static int write_ordered(const Character *raw, int at, int end, uint32_t *points) {
    int starts[256] = {0}, count = 0;
    for (int i = at; i < end; i++) starts[raw[i].flags >> ORDER_SHIFT & 255]++;
    for (int order = 0, before = 0; order < 256; order++) {
        int these = starts[order];
        starts[order] = before;
        before += these;
    }
    for (int i = at; i < end; i++, count++) points[starts[raw[i].flags >> ORDER_SHIFT & 255]++] = raw[i].point;
    return count;
}

static int write_run(const Character *raw, int at, int end, uint32_t *points) {
    int count = 1;
    points[0] = raw[at++].point;
    while (at < end) {
        int next = at;
        while (next < end && (raw[next].flags >> ORDER_SHIFT & 255)) next++;
        if (next - at > 16)
            count += write_ordered(raw, at, next, points + count);
        else
            for (int i = at; i < next; i++) points[count++] = raw[i].point;
        if (next < end) points[count++] = raw[next++].point;
        at = next;
    }
    return count;
}

/* Writes all runs that are to be composed, each before a line's end, which nothing is composed with. */
int write_runs(const Character *raw, int length, uint32_t *points) {
    int count = 0;
    for (int at = 0; at < length;) {
        int end = end_of_composed(raw, at, length);
        if (end > at) {
            count += write_run(raw, at, end, points + count);
            points[count++] = '\n';
        }
        at = end > at ? end : at + 1;
    }
    return count;
}

/* Puts composed runs in their places; gives the new length, or -1 where there is no room. */
int put_runs(const Character *raw, int length, const uint32_t *points, int count, Character *out) {
    int into = 0, next = 0;
    for (int at = 0; at < length;) {
        int end = end_of_composed(raw, at, length);
        if (end == at) {
            if (into == ROOM) return -1;
            out[into++] = raw[at++];
            continue;
        }
        for (; next < count && points[next] != '\n'; next++) {
            if (into == ROOM) return -1;
            out[into++] = (Character){points[next], points[next], UNREAD, raw[at].start, raw[end - 1].stop};
        }
        next++;
        at = end;
    }
    return into;
}
