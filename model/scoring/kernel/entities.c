/* Entities of HTML, as model/terms/cleaning.py's first two rules and html.unescape read them. */
#include "kernel.h"

#include <string.h>

int entity_learn(Cutter *cutter, const uint32_t *name, size_t length, const uint32_t *points, size_t count) {
    if (length < 1 || length > ENTITY_MOST || count < 1 || count > 2 || !cutter->entities_left) return -1;
    Entity entity = {.length = (uint8_t)length, .points = {points[0], count > 1 ? points[1] : 0}};
    for (size_t i = 0; i < length; i++) {
        entity.name[i] = (char)name[i];
        entity.hash = entity.hash * MULTIPLIER + name[i];
    }
    uint64_t slot = mixed(entity.hash) & cutter->entity_mask;
    while (cutter->entities[slot].length) slot = (slot + 1) & cutter->entity_mask;
    cutter->entities[slot] = entity;
    cutter->entities_left--;
    return 0;
}

static const Entity *entity_of(const Cutter *cutter, const Character *name, int length, uint64_t hash) {
    uint64_t slot = mixed(hash) & cutter->entity_mask;
    for (; cutter->entities[slot].length; slot = (slot + 1) & cutter->entity_mask) {
        const Entity *entity = &cutter->entities[slot];
        int same = entity->hash == hash && entity->length == length;
        for (int i = 0; same && i < length; i++) same = name[i].point == (unsigned char)entity->name[i];
        if (same) return entity;
    }
    return NULL;
}

static int is_letter_of_name(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static int is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static int hexadecimal(uint32_t c) {
    return is_digit(c)             ? (int)(c - '0')
           : c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (int)(c - 'A') + 10
                                  : -1;
}

/* What a number stands for; 0 is nothing. The names of the list that Windows gave 80 to 9F. */
static uint32_t numbered(uint32_t number) {
    static const uint16_t windows[32] = {
        0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160,
        0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E, 0x178};
    if (number >= 0x80 && number <= 0x9F) return windows[number - 0x80];
    if (!number || (number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) return 0xFFFD;
    if (number < 9 || number == 0xB || (number >= 0xE && number < 0x20) || number == 0x7F) return 0;
    if ((number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE) return 0;
    return number;
}

/* Where the entity that may begin at `at` ends, behind its semicolon; 0 where none does. */
static int end_of(const Character *t, int at, int length) {
    int first = at + 1, most = 32, end;
    if (first < length && t[first].point == '#') {
        int hex = first + 1 < length && (t[first + 1].point == 'x' || t[first + 1].point == 'X');
        first += 1 + hex;
        most = hex ? 6 : 7;
        for (end = first; end < length && end < first + most; end++)
            if (hex ? hexadecimal(t[end].point) < 0 : !(t[end].flags & DECIMAL)) break;
        most = 1;
    } else {
        for (end = first; end < length && end < first + most; end++)
            if (!is_letter_of_name(t[end].point) && !(end > first && is_digit(t[end].point))) break;
        most = 2;
    }
    return end - first >= most && end < length && t[end].point == ';' ? end + 1 : 0;
}

/* What stands for t[at, end), from `into` on; gives where it ends. Never longer than what it stands for. */
static int put(Character *t, int into, const uint32_t *points, int count, int rest, int end) {
    for (int i = 0; i < count; i++)
        if (points[i]) t[into++] = (Character){.point = points[i], .flags = UNREAD};
    memmove(t + into, t + rest, (size_t)(end - rest) * sizeof *t);
    return into + end - rest;
}

static int put_number(Character *t, int into, int at, int end) {
    uint32_t number = 0, point;
    int digit = at + 2, hex = t[digit].point == 'x' || t[digit].point == 'X';
    digit += hex;
    if (!hex && !is_digit(t[digit].point)) return put(t, into, NULL, 0, at, end);
    for (; hex ? hexadecimal(t[digit].point) >= 0 : is_digit(t[digit].point); digit++)
        number = (hex ? 16 : 10) * number + (uint32_t)hexadecimal(t[digit].point);
    point = numbered(number);
    return put(t, into, &point, 1, t[digit].point == ';' ? end : digit, end);
}

/* The whole name, or its longest prefix of two letters or more; or the text as it is. */
static int put_named(const Cutter *cutter, Character *t, int into, int at, int end) {
    const Character *name = t + at + 1;
    uint64_t hashes[ENTITY_MOST + 1] = {0};
    int length = end - at - 1;
    for (int i = 0; i < length; i++) hashes[i + 1] = hashes[i] * MULTIPLIER + name[i].point;
    for (int size = length; size > 1; size--) {
        const Entity *entity = entity_of(cutter, name, size, hashes[size]);
        if (entity) return put(t, into, entity->points, 2, at + 1 + size, end);
    }
    return put(t, into, NULL, 0, at, end);
}

int unescape(const Cutter *cutter, Character *raw, int length) {
    int into = 0;
    for (int at = 0; at < length;) {
        int end = raw[at].point == '&' ? end_of(raw, at, length) : 0;
        if (!end) {
            raw[into++] = raw[at++];
            continue;
        }
        uint16_t start = raw[at].start, stop = raw[end - 1].stop;
        int first = into, number = raw[at + 1].point == '#';
        into = number ? put_number(raw, into, at, end) : put_named(cutter, raw, into, at, end);
        for (; first < into; first++) raw[first].start = start, raw[first].stop = stop;
        at = end;
    }
    return into;
}
