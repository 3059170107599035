/* What the files that know Python share: capsules, and the reading of headlines. model/scoring/compiled.py wraps all of it. */
#ifndef BROADSHEET_PYTHON_H
#define BROADSHEET_PYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernel.h"

#define PAGES 0x1100 /* of 256 code points */
#define TOGETHER 32  /* headlines read at a time; fewer are scored without giving other threads a turn */

typedef struct {
    uint32_t flags, lower;
} Property;

/* A word of a headline as given, and what it adds to each axis. */
typedef struct {
    uint16_t start, stop;
    double weights[AXES];
} Span;

typedef struct {
    int count;
    double rest[AXES];
    Span spans[WORDS_ROOM];
} Evidence;

/* Room that no other call is using, for headlines read together. */
typedef struct Room {
    struct Room *next;
    Scratch *scratch;
    Evidence *evidence; /* TOGETHER, once evidence is asked for */
    Character raw[TOGETHER][ROOM];
    int lengths[TOGETHER];
} Room;

/* A cutter with what it has asked Python of characters so far (at most 9 MB). */
typedef struct {
    Cutter cutter;
    PyObject *classify, *open;
    Property *pages[PAGES];
    Room *free;
} Owner;

typedef struct {
    Table table;
    Py_buffer records;
    PyObject *cutter; /* by which the known words were cut */
} Model;

/* room.c */
void free_rooms(Owner *owner);
Room *take_room(Owner *owner); /* or NULL with an error set; by whoever holds the interpreter's lock */
void give_room(Owner *owner, Room *room);
/* Reads headline `number`. Gives its length; -1 where Python must look at it; -2 with an error set. */
int read_headline(Owner *owner, PyObject *headlines, Py_ssize_t number, Character *raw);
int read_characters(Owner *owner, PyObject *headline, Character *raw); /* ROOM of them; the same */

/* What is done with each headline that was cut: `number` of all, `place` among those read together. 0, or -1. */
typedef int (*Work)(Room *room, Py_ssize_t number, int place, void *with);

typedef struct {
    Owner *owner;
    const Table *table; /* whose words need no n-grams, or NULL */
    PyObject *headlines;
    Work work;                                                   /* without the interpreter's lock; -1: no memory */
    int (*tell)(Room *room, Py_ssize_t first, int count, void *); /* with it, after each lot, or NULL; -1: an error is set */
    void *with;
} Task;

/* Works through a list of headlines; gives the numbers of those that Python must look at, or NULL. */
PyObject *do_all(const Task *task);

Owner *owner_of(PyObject *capsule); /* or NULL with an error set */
Model *model_of(PyObject *capsule);
/* The table where its known words were cut by this cutter, else NULL. */
const Table *known_by(const Model *model, const PyObject *cutter);

/* scoring.c */
PyObject *score_all(PyObject *module, PyObject *args);
PyObject *explain_all(PyObject *module, PyObject *args);
PyObject *terms_of(PyObject *module, PyObject *args);
PyObject *spelled(const Cutter *cutter, const Scratch *s, const Term *term);

/* training.c */
PyObject *new_tally(PyObject *module, PyObject *args);
PyObject *add_headlines(PyObject *module, PyObject *args);
PyObject *add_keys(PyObject *module, PyObject *args);
PyObject *common_keys(PyObject *module, PyObject *args);
PyObject *count_all(PyObject *module, PyObject *args);
PyObject *name_all(PyObject *module, PyObject *args);

#endif
