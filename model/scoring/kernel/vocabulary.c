/* The words that the rules of style and of cleaning know. */
#include "kernel.h"

#include <stdlib.h>

static uint64_t mask_for(size_t entries) {
    size_t slots = 64;
    while (slots < 4 * entries) slots *= 2;
    return slots - 1;
}

int vocabulary_init(Cutter *cutter, size_t words, size_t entities) {
    cutter->vocabulary_mask = mask_for(words);
    cutter->entity_mask = mask_for(entities);
    cutter->vocabulary_left = words;
    cutter->entities_left = entities;
    cutter->vocabulary = calloc(cutter->vocabulary_mask + 1, sizeof(Entry));
    cutter->entities = calloc(cutter->entity_mask + 1, sizeof(Entity));
    return cutter->vocabulary && cutter->entities ? 0 : -1;
}

void vocabulary_free(Cutter *cutter) {
    free(cutter->vocabulary);
    free(cutter->entities);
    cutter->vocabulary = NULL;
    cutter->entities = NULL;
}

int vocabulary_learn(Cutter *cutter, const uint32_t *letters, size_t length, uint32_t traits) {
    if (length < 1 || length > VOCABLE_MOST || !cutter->vocabulary_left) return -1;
    Entry entry = {.traits = traits, .length = (uint8_t)length};
    for (size_t i = 0; i < length; i++) {
        if (letters[i] > 127) return -1;
        entry.letters[i] = (uint8_t)letters[i];
        entry.hash = entry.hash * MULTIPLIER + letters[i];
    }
    uint64_t slot = mixed(entry.hash) & cutter->vocabulary_mask;
    while (cutter->vocabulary[slot].length) slot = (slot + 1) & cutter->vocabulary_mask;
    cutter->vocabulary[slot] = entry;
    cutter->vocabulary_left--;
    return 0;
}

/* The first entry from `slot` on with a hash; NULL where there is none. */
static const Entry *entry_of(const Cutter *cutter, uint64_t hash) {
    uint64_t slot = mixed(hash) & cutter->vocabulary_mask;
    for (; cutter->vocabulary[slot].length; slot = (slot + 1) & cutter->vocabulary_mask)
        if (cutter->vocabulary[slot].hash == hash) return &cutter->vocabulary[slot];
    return NULL;
}

uint32_t traits_of(const Cutter *cutter, const Character *word, int length) {
    const Entry *entry = entry_of(cutter, hash_of(word, length));
    if (!entry || entry->length != length) return 0;
    for (int i = 0; i < length; i++)
        if (word[i].point != entry->letters[i]) return 0;
    return entry->traits;
}

uint32_t traits_of_lower(const Cutter *cutter, const Character *word, int length) {
    uint64_t hash = 0;
    for (int i = 0; i < length; i++) hash = hash * MULTIPLIER + word[i].lower;
    const Entry *entry = entry_of(cutter, hash);
    if (!entry || entry->length != length) return 0;
    for (int i = 0; i < length; i++)
        if (word[i].lower != entry->letters[i]) return 0;
    return entry->traits;
}

uint32_t traits_of_token(const Cutter *cutter, const Token *token, const uint32_t *spelled) {
    const Entry *entry = entry_of(cutter, token->hash);
    if (!entry || entry->length != token->length) return 0;
    for (int i = 0; i < token->length; i++)
        if (spelled[token->start + (uint32_t)i] != entry->letters[i]) return 0;
    return entry->traits;
}
