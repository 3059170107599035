/* What Python sees of the compiled scorer. A cutter and a table are capsules; model/compiled.py wraps them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "kernel.h"

#define PAGES 0x1100 /* of 256 code points */
#define TOGETHER 32  /* headlines read at a time; fewer are scored without giving other threads a turn */

typedef struct {
    uint32_t flags, lower;
} Property;

/* A cutter with what it has asked Python of characters so far (at most 9 MB), and room that no call is using. */
typedef struct Room {
    struct Room *next;
    Scratch *scratch;
    Character raw[TOGETHER][LONGEST];
    int lengths[TOGETHER];
} Room;

typedef struct {
    Cutter cutter;
    PyObject *classify;
    Property *pages[PAGES];
    Room *free;
} Owner;

typedef struct {
    Table table;
    Py_buffer records;
} Model;

static void free_owner(PyObject *capsule) {
    Owner *owner = PyCapsule_GetPointer(capsule, "cutter");
    for (Room *room = owner->free, *next; room; room = next) {
        next = room->next;
        scratch_free(room->scratch);
        free(room);
    }
    for (int page = 0; page < PAGES; page++) free(owner->pages[page]);
    Py_XDECREF(owner->classify);
    cutter_free(&owner->cutter);
    free(owner);
}

static void free_model(PyObject *capsule) {
    Model *model = PyCapsule_GetPointer(capsule, "table");
    table_free(&model->table);
    PyBuffer_Release(&model->records);
    free(model);
}

/* Rooms are taken and given back by whoever holds the interpreter's lock. */
static Room *take_room(Owner *owner) {
    Room *room = owner->free;
    if (room) {
        owner->free = room->next;
        return room;
    }
    room = malloc(sizeof(Room));
    if (room && !(room->scratch = scratch_new(&owner->cutter))) {
        free(room);
        room = NULL;
    }
    if (!room) PyErr_NoMemory();
    return room;
}

static void give_room(Owner *owner, Room *room) {
    room->next = owner->free;
    owner->free = room;
}

static Property *ask_page(Owner *owner, uint32_t page) {
    PyObject *answer = PyObject_CallFunction(owner->classify, "I", (unsigned int)page);
    char *bytes;
    Py_ssize_t size;
    Property *properties = NULL;
    if (answer && PyBytes_AsStringAndSize(answer, &bytes, &size) == 0) {
        if (size != 256 * (Py_ssize_t)sizeof(Property))
            PyErr_SetString(PyExc_ValueError, "a page has 256 characters of two numbers");
        else if (!(properties = malloc((size_t)size)))
            PyErr_NoMemory();
        else
            memcpy(properties, bytes, (size_t)size);
    }
    Py_XDECREF(answer);
    return properties;
}

static int read_characters(Owner *owner, PyObject *headline, Character *raw) {
    Py_UCS4 points[LONGEST];
    if (!PyUnicode_Check(headline)) return -1;
    Py_ssize_t length = PyUnicode_GetLength(headline);
    if (length < 1 || length > LONGEST) return -1;
    if (!PyUnicode_AsUCS4(headline, points, LONGEST, 0)) return -2;
    int visible = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        uint32_t page = points[i] >> 8;
        if (!owner->pages[page]) {
            Property *asked = ask_page(owner, page);
            if (!asked) return -2;
            if (owner->pages[page])
                free(asked); /* another thread asked meanwhile */
            else
                owner->pages[page] = asked;
        }
        Property known = owner->pages[page][points[i] & 255];
        raw[i] = (Character){points[i], known.lower, known.flags};
        visible |= !(known.flags & (SPACE | INVISIBLE));
    }
    return visible ? (int)length : -1;
}

/* Reads headline `number`. Gives its length; -1 where Python must look at it; -2 with an error set. */
static int read_headline(Owner *owner, PyObject *headlines, Py_ssize_t number, Character *raw) {
    PyObject *headline = PyList_GetItem(headlines, number);
    if (!headline) return -2;
    Py_INCREF(headline); /* reading may call Python, and that change the list */
    int length = read_characters(owner, headline, raw);
    Py_DECREF(headline);
    return length;
}

static int append_number(PyObject *list, Py_ssize_t number) {
    PyObject *value = PyLong_FromSsize_t(number);
    int failed = !value || PyList_Append(list, value) < 0;
    Py_XDECREF(value);
    return failed ? -1 : 0;
}

/* What is done with each headline that was cut: its number, and what `work` needs. */
typedef int (*Work)(const Cutter *cutter, Scratch *s, Py_ssize_t number, void *work);

typedef struct {
    Owner *owner;
    const Table *table; /* whose words need no n-grams, or NULL */
    PyObject *headlines, *doubtful;
    Work work;
    void *with;
} Task;

/* Cuts the headlines that were read and works on them; marks by length -1 what cannot be cut. 0, or -1 without memory. */
static int work_through(const Task *task, Room *room, Py_ssize_t first, int count) {
    for (int i = 0; i < count; i++) {
        if (room->lengths[i] < 0) continue;
        if (cut(&task->owner->cutter, task->table, room->scratch, room->raw[i], room->lengths[i]) < 0)
            room->lengths[i] = -1;
        else if (task->work(&task->owner->cutter, room->scratch, first + i, task->with) < 0)
            return -1;
    }
    return 0;
}

static int do_some(const Task *task, Room *room, Py_ssize_t first, int count) {
    for (int i = 0; i < count; i++)
        if ((room->lengths[i] = read_headline(task->owner, task->headlines, first + i, room->raw[i])) == -2) return -1;
    int failed;
    if (count < TOGETHER)
        failed = work_through(task, room, first, count);
    else {
        Py_BEGIN_ALLOW_THREADS
        failed = work_through(task, room, first, count);
        Py_END_ALLOW_THREADS
    }
    if (failed) {
        PyErr_NoMemory();
        return -1;
    }
    for (int i = 0; i < count; i++)
        if (room->lengths[i] < 0 && append_number(task->doubtful, first + i) < 0) return -1;
    return 0;
}

/* Works through a list of headlines; gives the numbers of those that Python must look at, or NULL. */
static PyObject *do_all(Owner *owner, const Table *table, PyObject *headlines, Work work, void *with) {
    Task task = {owner, table, headlines, PyList_New(0), work, with};
    Room *room = task.doubtful ? take_room(owner) : NULL;
    Py_ssize_t total = PyList_Size(headlines), done = 0;
    int failed = !room;
    while (!failed && done < total) {
        int count = total - done < TOGETHER ? (int)(total - done) : TOGETHER;
        failed = do_some(&task, room, done, count) < 0;
        done += count;
    }
    if (room) give_room(owner, room);
    if (failed) Py_CLEAR(task.doubtful);
    return task.doubtful;
}

static int learn_vocabulary(Cutter *cutter, PyObject *vocabulary) {
    PyObject *word, *traits;
    Py_ssize_t at = 0;
    while (PyDict_Next(vocabulary, &at, &word, &traits)) {
        Py_UCS4 points[64];
        Py_ssize_t length = PyUnicode_GetLength(word);
        unsigned long value = PyLong_AsUnsignedLong(traits);
        if (PyErr_Occurred() || !PyUnicode_AsUCS4(word, points, 64, 0)) return -1;
        uint64_t hash = 0;
        for (Py_ssize_t i = 0; i < length; i++) hash = hash * MULTIPLIER + points[i];
        cutter_learn(cutter, hash, (uint32_t)value);
    }
    return 0;
}

static int learn_classes(Cutter *cutter, PyObject *classes) {
    for (Py_ssize_t i = 0; i < PyList_Size(classes); i++) {
        PyObject *name = PyUnicode_AsASCIIString(PyList_GetItem(classes, i));
        int failed = !name || cutter_class(cutter, PyBytes_AsString(name)) < 0;
        Py_XDECREF(name);
        if (!failed) continue;
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "too many classes, or one with too long a name");
        return -1;
    }
    return 0;
}

static PyObject *new_cutter(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *vocabulary, *classes, *classify;
    Owner *owner = calloc(1, sizeof(Owner));
    if (!owner) return PyErr_NoMemory();
    Cutter *cutter = &owner->cutter;
    if (!PyArg_ParseTuple(args, "iiiiO!O!O", &cutter->words, &cutter->skeleton, &cutter->shortest, &cutter->longest,
                          &PyDict_Type, &vocabulary, &PyList_Type, &classes, &classify)) {
        free(owner);
        return NULL;
    }
    if (cutter->words < 0 || cutter->words > 16 || cutter->skeleton < 0 || cutter->skeleton > 16 ||
        cutter->shortest < 1 || cutter->longest < cutter->shortest || cutter->longest > 64) {
        free(owner);
        PyErr_SetString(PyExc_ValueError, "n-grams must be of at most 16 tokens and of 1-64 characters");
        return NULL;
    }
    if (cutter_init(cutter, (size_t)PyDict_Size(vocabulary)) < 0) {
        free(owner);
        return PyErr_NoMemory();
    }
    Py_INCREF(classify);
    owner->classify = classify;
    PyObject *capsule = PyCapsule_New(owner, "cutter", free_owner);
    if (capsule && (learn_classes(cutter, classes) < 0 || learn_vocabulary(cutter, vocabulary) < 0)) Py_CLEAR(capsule);
    return capsule;
}

static int learn_word(const Cutter *Py_UNUSED(cutter), Scratch *s, Py_ssize_t Py_UNUSED(number), void *table) {
    return table_learn(table, s);
}

static PyObject *new_table(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *words;
    Model *model = calloc(1, sizeof(Model));
    if (!model) return PyErr_NoMemory();
    Table *table = &model->table;
    if (!PyArg_ParseTuple(args, "Oy*ddO!", &cutter, &model->records, &table->bias[0], &table->bias[1], &PyList_Type,
                          &words)) {
        free(model);
        return NULL;
    }
    Owner *owner = PyCapsule_GetPointer(cutter, "cutter");
    Py_ssize_t count = model->records.len / RECORD_SIZE;
    PyObject *capsule = NULL, *left = NULL;
    if (owner && (model->records.len % RECORD_SIZE || count > INT32_MAX))
        PyErr_Format(PyExc_ValueError, "records must have %d bytes each", (int)RECORD_SIZE);
    else if (owner && table_init(table, model->records.buf, (size_t)count, (size_t)PyList_Size(words)) < 0)
        PyErr_NoMemory();
    else if (owner)
        left = do_all(owner, NULL, words, learn_word, table);
    if (left) capsule = PyCapsule_New(model, "table", free_model);
    Py_XDECREF(left);
    if (capsule) return capsule;
    table_free(table);
    PyBuffer_Release(&model->records);
    free(model);
    return NULL;
}

typedef struct {
    const Table *table;
    double *out;
    int probabilities; /* instead of log-odds */
} Scoring;

static int score_one(const Cutter *Py_UNUSED(cutter), Scratch *s, Py_ssize_t number, void *with) {
    const Scoring *scoring = with;
    double *out = scoring->out + AXES * number;
    score(scoring->table, s, out);
    for (int axis = 0; scoring->probabilities && axis < AXES; axis++) out[axis] = expit(out[axis]);
    return 0;
}

static PyObject *score_all(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *doubtful = NULL;
    Py_buffer out;
    int probabilities;
    if (!PyArg_ParseTuple(args, "OOO!w*p", &cutter, &table, &PyList_Type, &headlines, &out, &probabilities))
        return NULL;
    Owner *owner = PyCapsule_GetPointer(cutter, "cutter");
    Model *model = owner ? PyCapsule_GetPointer(table, "table") : NULL;
    if (model && out.len != PyList_Size(headlines) * (Py_ssize_t)(AXES * sizeof(double)))
        PyErr_SetString(PyExc_ValueError, "the result must have two doubles a headline");
    else if (model)
        doubtful = do_all(owner, &model->table, headlines, score_one, &(Scoring){&model->table, out.buf, probabilities});
    PyBuffer_Release(&out);
    return doubtful;
}

static PyObject *spelled(const Cutter *cutter, const Scratch *s, const Term *term) {
    uint32_t points[2 * ROOM + 8];
    size_t length = spell(cutter, s, term, points);
    int order = -1; /* little-endian: a first character that marks the order would be taken for one */
    return PyUnicode_DecodeUTF32((char *)points, (Py_ssize_t)(length * sizeof *points), NULL, &order);
}

static int append_term(PyObject *list, const Cutter *cutter, const Scratch *s, const Term *term) {
    PyObject *text = spelled(cutter, s, term);
    int failed = !text || PyList_Append(list, text) < 0;
    Py_XDECREF(text);
    return failed ? -1 : 0;
}

static PyObject *terms(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *headline;
    if (!PyArg_ParseTuple(args, "OO", &cutter, &headline)) return NULL;
    Owner *owner = PyCapsule_GetPointer(cutter, "cutter");
    Room *room = owner ? take_room(owner) : NULL;
    if (!room) return NULL;
    Scratch *s = room->scratch;
    int length = read_characters(owner, headline, room->raw[0]);
    if (length >= 0 && cut(&owner->cutter, NULL, s, room->raw[0], length) < 0) length = -1;
    PyObject *list = length == -2 ? NULL : length == -1 ? Py_NewRef(Py_None) : PyList_New(0);
    for (size_t i = 0; list && length >= 0 && i < s->term_count; i++)
        if (append_term(list, &owner->cutter, s, &s->terms[i]) < 0) Py_CLEAR(list);
    give_room(owner, room);
    return list;
}

static void free_tally(PyObject *capsule) {
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    tally_free(tally);
    free(tally);
}

static PyObject *new_tally(PyObject *Py_UNUSED(module), PyObject *args) {
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
    Py_ssize_t first;
} Tallying;

static int tally_one(const Cutter *Py_UNUSED(cutter), Scratch *s, Py_ssize_t number, void *with) {
    const Tallying *tallying = with;
    tally_prefetch(tallying->tally, s->terms, s->term_count);
    for (size_t i = 0; i < s->term_count; i++)
        if (tally_add(tallying->tally, s->terms[i].key, (uint32_t)(tallying->first + number),
                      tallying->outlets[number]) < 0)
            return -1;
    return 0;
}

static PyObject *add_headlines(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *capsule, *cutter, *headlines, *doubtful = NULL;
    Py_buffer outlets;
    Py_ssize_t first;
    if (!PyArg_ParseTuple(args, "OOO!y*n", &capsule, &cutter, &PyList_Type, &headlines, &outlets, &first)) return NULL;
    Tally *tally = PyCapsule_GetPointer(capsule, "tally");
    Owner *owner = tally ? PyCapsule_GetPointer(cutter, "cutter") : NULL;
    if (owner && outlets.len != PyList_Size(headlines) * (Py_ssize_t)sizeof(uint32_t))
        PyErr_SetString(PyExc_ValueError, "each headline must have an outlet of 32 bits");
    else if (owner)
        doubtful = do_all(owner, NULL, headlines, tally_one, &(Tallying){tally, outlets.buf, first});
    PyBuffer_Release(&outlets);
    return doubtful;
}

static PyObject *add_keys(PyObject *Py_UNUSED(module), PyObject *args) {
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

static PyObject *common(PyObject *Py_UNUSED(module), PyObject *args) {
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
} Counting;

static int count_one(const Cutter *Py_UNUSED(cutter), Scratch *s, Py_ssize_t number, void *with) {
    Counting *c = with;
    size_t found = count_rows(c->table, s, s->rows, s->counts);
    if (c->used + found > c->room) return -1;
    memcpy(c->rows + c->used, s->rows, found * sizeof(int32_t));
    memcpy(c->counts + c->used, s->counts, found * sizeof(float));
    c->used += found;
    c->ends[number] = (int64_t)c->used;
    return 0;
}

static PyObject *count(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *doubtful = NULL;
    Py_buffer ends, rows, counts;
    if (!PyArg_ParseTuple(args, "OOO!w*w*w*", &cutter, &table, &PyList_Type, &headlines, &ends, &rows, &counts))
        return NULL;
    Owner *owner = PyCapsule_GetPointer(cutter, "cutter");
    Model *model = owner ? PyCapsule_GetPointer(table, "table") : NULL;
    if (model && (ends.len != PyList_Size(headlines) * (Py_ssize_t)sizeof(int64_t) || rows.len != counts.len))
        PyErr_SetString(PyExc_ValueError, "each headline must have an end of 64 bits, each row of 32 a count of 32");
    else if (model)
        doubtful = do_all(owner, NULL, headlines, count_one,
                          &(Counting){&model->table, ends.buf, rows.buf, counts.buf, 0, (size_t)rows.len / 4});
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

static PyObject *name(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *names;
    if (!PyArg_ParseTuple(args, "OOO!O!", &cutter, &table, &PyList_Type, &headlines, &PyList_Type, &names)) return NULL;
    Owner *owner = PyCapsule_GetPointer(cutter, "cutter");
    Model *model = owner ? PyCapsule_GetPointer(table, "table") : NULL;
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

static PyMethodDef METHODS[] = {
    {"cutter", new_cutter, METH_VARARGS, NULL},
    {"table", new_table, METH_VARARGS, NULL},
    {"score", score_all, METH_VARARGS, NULL},
    {"terms", terms, METH_VARARGS, NULL},
    {"tally", new_tally, METH_VARARGS, NULL},
    {"add_headlines", add_headlines, METH_VARARGS, NULL},
    {"add_keys", add_keys, METH_VARARGS, NULL},
    {"common", common, METH_VARARGS, NULL},
    {"count", count, METH_VARARGS, NULL},
    {"name", name, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "model._kernel", NULL, 0, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&MODULE); }
