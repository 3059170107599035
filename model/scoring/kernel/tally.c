/* Which terms enough outlets use, and in how many headlines: what training learns a vocabulary from. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

int tally_init(Tally *tally, int least, uint64_t part, uint64_t parts) {
    *tally = (Tally){.least = least, .part = part, .parts = parts, .mask = (1 << 16) - 1};
    tally->entries = calloc(tally->mask + 1, sizeof(Use));
    return tally->entries ? 0 : -1;
}

void tally_free(Tally *tally) {
    free(tally->entries);
    tally->entries = NULL;
}

static Use *place_of(Use *entries, uint64_t mask, uint64_t key) {
    uint64_t slot = key & mask;
    while (entries[slot].headlines && entries[slot].key != key) slot = (slot + 1) & mask;
    return &entries[slot];
}

static int grow(Tally *tally) {
    uint64_t mask = 2 * tally->mask + 1;
    Use *entries = calloc(mask + 1, sizeof(Use));
    if (!entries) return -1;
    for (uint64_t i = 0; i <= tally->mask; i++)
        if (tally->entries[i].headlines) *place_of(entries, mask, tally->entries[i].key) = tally->entries[i];
    free(tally->entries);
    tally->entries = entries;
    tally->mask = mask;
    return 0;
}

/* Remembers an outlet until `least` are known; each is kept as its number + 1. */
static void note_outlet(Use *use, uint32_t outlet, int least) {
    for (int i = 0; i < least; i++) {
        if (use->outlets[i] == outlet + 1) return;
        if (use->outlets[i]) continue;
        use->outlets[i] = outlet + 1;
        return;
    }
}

/* By bits of the key that choose neither a slot nor a bucket. */
static int is_ours(const Tally *tally, uint64_t key) { return (key >> 40) % tally->parts == tally->part; }

void tally_prefetch(const Tally *tally, const Term *terms, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_ours(tally, terms[i].key)) PREFETCH(&tally->entries[terms[i].key & tally->mask]);
}

int tally_add(Tally *tally, uint64_t key, uint32_t headline, uint32_t outlet) {
    if (!is_ours(tally, key)) return 0;
    if (3 * tally->used >= 2 * tally->mask && grow(tally) < 0) return -1;
    Use *use = place_of(tally->entries, tally->mask, key);
    if (!use->headlines) {
        use->key = key;
        tally->used++;
    } else if (use->last == headline)
        return 0;
    use->last = headline;
    use->headlines++;
    note_outlet(use, outlet, tally->least);
    return 0;
}

size_t tally_common(const Tally *tally, uint64_t *keys, uint32_t *headlines) {
    size_t found = 0;
    for (uint64_t i = 0; i <= tally->mask; i++) {
        const Use *use = &tally->entries[i];
        if (!use->headlines || !use->outlets[tally->least - 1]) continue;
        if (keys) keys[found] = use->key;
        if (headlines) headlines[found] = use->headlines;
        found++;
    }
    return found;
}
