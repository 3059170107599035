/* The names of marks, made once for each cutter. */
#include <stdio.h>

#include "families.h"

const Family FAMILY[FAMILIES] = {
    [F_LINKS] = {"<links %g>", 0, 1, 5, STYLES},
    [F_QUESTION] = {"<question>", 0, 0, 1, STYLES},
    [F_EXCLAMATION] = {"<exclamation>", 0, 0, 1, STYLES},
    [F_DOTS] = {"<ellipsis>", 0, 0, 1, STYLES},
    [F_COLON] = {"<colon>", 0, 0, 1, STYLES},
    [F_SEMICOLON] = {"<semicolon>", 0, 0, 1, STYLES},
    [F_PERCENT] = {"<percent>", 0, 0, 1, STYLES},
    [F_MONEY] = {"<money>", 0, 0, 1, STYLES},
    [F_COLON_AT] = {"<colon at %g>", 0, 1, 5, STYLES},
    [F_DASH] = {"<dash %g>", 1, 1, 3, STYLES},
    [F_BRACKET] = {"<bracket %g>", 1, 1, 3, STYLES},
    [F_COMMA] = {"<comma %g>", 1, 1, 3, STYLES},
    [F_END_QUESTION] = {"<end ?>", 0, 0, 1, STYLES},
    [F_END_EXCLAMATION] = {"<end !>", 0, 0, 1, STYLES},
    [F_END_COLON] = {"<end :>", 0, 0, 1, STYLES},
    [F_END_DOT] = {"<end .>", 0, 0, 1, STYLES},
    [F_QUOTE_1] = {"<quote 1>", 0, 0, 1, STYLES},
    [F_QUOTE_2] = {"<quote 2>", 0, 0, 1, STYLES},
    [F_QUOTE_4] = {"<quote 4>", 0, 0, 1, STYLES},
    [F_QUOTE_FIRST] = {"<quote first>", 0, 0, 1, STYLES},
    [F_SHOUT] = {"<shout %g>", 1, 1, 2, STYLES},
    [F_NAMES] = {"#names %g", 1, 1, 8, FORM},
    [F_NAMES_OF_TEN] = {"#names of ten %g", 0, 2, 6, FORM},
    [F_AGE] = {"<age>", 0, 0, 1, STYLES},
    [F_NUMBER] = {"<number>", 0, 0, 1, STYLES},
    [F_NUMBER_FIRST] = {"<number first>", 0, 0, 1, STYLES},
    [F_WORDS] = {"<words %g>", 0, 2, 13, STYLES},
    [F_ABOUT] = {"#words about %g", 0, 4, 7, FORM},
    [F_LETTERS] = {"#letters a word %g", 0, 0.5, 41, FORM},
    [F_STYLE] = {"#style words of eight %g", 0, 1, 9, FORM},
    [F_TOPIC] = {"#topic words %g", 0, 1, 13, FORM},
    [F_LONG] = {"#long words %g", 0, 1, 7, FORM},
    [F_CHARACTERS] = {"#characters %g", 0, 10, 15, FORM},
};

uint64_t name_key(const char *name) {
    uint64_t hash = 0;
    for (; *name; name++) hash = hash * MULTIPLIER + (unsigned char)*name;
    return mixed(hash);
}

void marks_init(Cutter *cutter) {
    for (int f = 0; f < FAMILIES; f++) {
        cutter->first_marks[f] = cutter->marks;
        for (int i = 0; i < FAMILY[f].count; i++) {
            char *name = cutter->mark_names[cutter->marks];
            snprintf(name, NAME_MOST, FAMILY[f].name, FAMILY[f].first + i * FAMILY[f].step);
            cutter->mark_keys[cutter->marks++] = name_key(name);
        }
    }
}
