/* What training asks of the kernel: which terms are common, their counts and their names. */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "python.h"

static void free_tally(PyObject *capsule) {
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    tally_free(tally);
    free(tally);
}

PyObject *new_tally(PyObject *Py_UNUSED(module), PyObject *args) {
    int least;
    unsigned int part, parts;
    if (!PyArg_ParseTuple(args, "iII", &least, &part, &parts)) return NULL;
    if (least < 1 || least > OUTLETS_MOST || part >= parts)
        return PyErr_Format(PyExc_ValueError, "a tally asks for 1-%d outlets, of a part of all terms", (int)OUTLETS_MOST);
    Tally *tally = malloc(sizeof(Tally));
    if (!tally || tally_init(tally, least, part, parts) < 0) {
        free(tally);
        return PyErr_NoMemory();
    }
    PyObject *capsule = PyCapsule_New(tally, "tally", free_tally);
    if (!capsule) {
        tally_free(tally);
        free(tally);
    }
    return capsule;
}

typedef struct {
    Tally *tally;
    const uint32_t *outlets;
    Py_ssize_t count, first;
} Tallying;

static int tally_one(Room *room, Py_ssize_t number, int Py_UNUSED(place), void *with) {
    const Tallying *tallying = with;
    const Scratch *s = room->scratch;
    if (number >= tallying->count) return 0; /* the list grew meanwhile */
    tally_prefetch(tallying->tally, s->terms, s->term_count);
    for (size_t i = 0; i < s->term_count; i++)
        if (tally_add(tallying->tally, s->terms[i].key, (uint32_t)(tallying->first + number),
                      tallying->outlets[number]) < 0)
            return -1;
    return 0;
}

PyObject *add_headlines(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *capsule, *cutter, *headlines, *doubtful = NULL;
    Py_buffer outlets;
    Py_ssize_t first;
    if (!PyArg_ParseTuple(args, "OOO!y*n", &capsule, &cutter, &PyList_Type, &headlines, &outlets, &first)) return NULL;
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    Owner *owner = tally ? owner_of(cutter) : NULL;
    if (owner && outlets.len != PyList_Size(headlines) * (Py_ssize_t)sizeof(uint32_t))
        PyErr_SetString(PyExc_ValueError, "each headline must have an outlet of 32 bits");
    else if (owner)
        doubtful = do_all(&(Task){.owner = owner, .headlines = headlines, .work = tally_one,
                                  .with = &(Tallying){tally, outlets.buf, PyList_Size(headlines), first}});
    PyBuffer_Release(&outlets);
    return doubtful;
}

PyObject *add_keys(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *capsule;
    Py_buffer keys;
    unsigned int headline, outlet;
    if (!PyArg_ParseTuple(args, "Oy*II", &capsule, &keys, &headline, &outlet)) return NULL;
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    int failed = !tally;
    for (Py_ssize_t i = 0; !failed && i < keys.len / (Py_ssize_t)sizeof(uint64_t); i++)
        failed = tally_add(tally, ((const uint64_t *)keys.buf)[i], headline, outlet) < 0;
    PyBuffer_Release(&keys);
    if (!failed) return Py_NewRef(Py_None);
    return tally ? PyErr_NoMemory() : NULL;
}

PyObject *common_keys(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *capsule;
    if (!PyArg_ParseTuple(args, "O", &capsule)) return NULL;
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    if (!tally) return NULL;
    size_t count = tally_common(tally, NULL, NULL);
    PyObject *keys = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(uint64_t)));
    PyObject *headlines = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(uint32_t)));
    if (keys && headlines)
        tally_common(tally, (uint64_t *)PyBytes_AsString(keys), (uint32_t *)PyBytes_AsString(headlines));
    PyObject *both = keys && headlines ? PyTuple_Pack(2, keys, headlines) : NULL;
    Py_XDECREF(keys);
    Py_XDECREF(headlines);
    return both;
}

/* Distinct rows and counts of some headlines, one headline after the other. */
typedef struct {
    const Table *table;
    int64_t *ends; /* of each headline */
    int32_t *rows;
    float *counts;
    size_t used, room;
    Py_ssize_t count;
} Counting;

static int count_one(Room *room, Py_ssize_t number, int Py_UNUSED(place), void *with) {
    Counting *c = with;
    Scratch *s = room->scratch;
    if (number >= c->count) return 0;
    size_t found = count_rows(c->table, s, s->rows, s->counts);
    if (c->used + found > c->room) return -1;
    memcpy(c->rows + c->used, s->rows, found * sizeof(int32_t));
    memcpy(c->counts + c->used, s->counts, found * sizeof(float));
    c->used += found;
    c->ends[number] = (int64_t)c->used;
    return 0;
}

PyObject *count_all(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *doubtful = NULL;
    Py_buffer ends, rows, counts;
    if (!PyArg_ParseTuple(args, "OOO!w*w*w*", &cutter, &table, &PyList_Type, &headlines, &ends, &rows, &counts))
        return NULL;
    Owner *owner = owner_of(cutter);
    Model *model = owner ? model_of(table) : NULL;
    if (model && (ends.len != PyList_Size(headlines) * (Py_ssize_t)sizeof(int64_t) || rows.len != counts.len))
        PyErr_SetString(PyExc_ValueError, "each headline must have an end of 64 bits, each row of 32 a count of 32");
    else if (model)
        doubtful = do_all(&(Task){.owner = owner, .headlines = headlines, .work = count_one,
                                  .with = &(Counting){.table = &model->table, .ends = ends.buf, .rows = rows.buf,
                                                      .counts = counts.buf, .room = (size_t)rows.len / 4,
                                                      .count = PyList_Size(headlines)}});
    PyBuffer_Release(&ends);
    PyBuffer_Release(&rows);
    PyBuffer_Release(&counts);
    return doubtful;
}

/* Spells the terms of one headline that the table has and `names` does not name yet; gives how many, or -1. */
static Py_ssize_t name_terms(const Cutter *cutter, const Scratch *s, const Table *table, PyObject *names) {
    Py_ssize_t named = 0;
    for (size_t i = 0; i < s->term_count; i++) {
        int64_t row = table_find(table, s->terms[i].key);
        if (row < 0 || PyList_GetItem(names, row) != Py_None) continue;
        PyObject *text = spelled(cutter, s, &s->terms[i]);
        if (!text || PyList_SetItem(names, row, text) < 0) return -1;
        named++;
    }
    return named;
}

PyObject *name_all(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *names;
    if (!PyArg_ParseTuple(args, "OOO!O!", &cutter, &table, &PyList_Type, &headlines, &PyList_Type, &names)) return NULL;
    Owner *owner = owner_of(cutter);
    Model *model = owner ? model_of(table) : NULL;
    if (!model) return NULL;
    Py_ssize_t left = (Py_ssize_t)model->table.count, found = 0;
    if (PyList_Size(names) != left) return PyErr_Format(PyExc_ValueError, "expected room for %zd names", left);
    Room *room = take_room(owner);
    for (Py_ssize_t i = 0; room && left && found >= 0 && i < PyList_Size(headlines); i++) {
        int length = read_headline(owner, headlines, i, room->raw[0]);
        if (length == -2) found = -1;
        if (length < 0 || cut(&owner->cutter, NULL, room->scratch, room->raw[0], length) < 0) continue;
        found = name_terms(&owner->cutter, room->scratch, &model->table, names);
        left -= found;
    }
    if (!room) return NULL;
    give_room(owner, room);
    return found < 0 ? NULL : Py_NewRef(Py_None);
}
