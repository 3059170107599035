/* The families that marks come in. */
#ifndef BROADSHEET_FAMILIES_H
#define BROADSHEET_FAMILIES_H

#include "kernel.h"

/* Each family's marks, named by a value that rises from `first` in steps; %g writes it as Python's :g does. */
typedef struct {
    const char *name;
    double first, step;
    int count, block;
} Family;

enum {
    F_LINKS, F_QUESTION, F_EXCLAMATION, F_DOTS, F_COLON, F_SEMICOLON, F_PERCENT, F_MONEY, F_COLON_AT, F_DASH,
    F_BRACKET, F_COMMA, F_END_QUESTION, F_END_EXCLAMATION, F_END_COLON, F_END_DOT, F_QUOTE_1, F_QUOTE_2, F_QUOTE_4,
    F_QUOTE_FIRST, F_SHOUT, F_NAMES, F_NAMES_OF_TEN, F_AGE, F_NUMBER, F_NUMBER_FIRST, F_WORDS, F_ABOUT, F_LETTERS,
    F_STYLE, F_TOPIC, F_LONG, F_CHARACTERS, FAMILIES
};

_Static_assert(FAMILIES <= FAMILIES_MOST, "more families than a cutter has room for");

extern const Family FAMILY[FAMILIES];

#endif
