/* What Python sees of the kernel. A cutter, a table and a tally are capsules; model/scoring/compiled.py wraps them. */
#include <stdlib.h>
#include <string.h>

#include "python.h"

Owner *owner_of(PyObject *capsule) { return PyCapsule_GetPointer(capsule, "cutter"); }

Model *model_of(PyObject *capsule) { return PyCapsule_GetPointer(capsule, "table"); }

const Table *known_by(const Model *model, const PyObject *cutter) {
    return model->cutter == cutter ? &model->table : NULL;
}

static void free_owner(PyObject *capsule) {
    Owner *owner = owner_of(capsule);
    free_rooms(owner);
    for (int page = 0; page < PAGES; page++) free(owner->pages[page]);
    Py_XDECREF(owner->classify);
    Py_XDECREF(owner->open);
    cutter_free(&owner->cutter);
    free(owner);
}

static void free_model(PyObject *capsule) {
    Model *model = model_of(capsule);
    table_free(&model->table);
    PyBuffer_Release(&model->records);
    Py_XDECREF(model->cutter);
    free(model);
}

/* Gives the length of a word of at most `most` characters, or -1 with an error set. */
static Py_ssize_t read_word(PyObject *word, Py_UCS4 *points, Py_ssize_t most) {
    if (!PyUnicode_Check(word) || PyUnicode_GetLength(word) > most) {
        PyErr_Format(PyExc_ValueError, "expected strings of at most %zd characters", most);
        return -1;
    }
    return PyUnicode_AsUCS4(word, points, most, 0) ? PyUnicode_GetLength(word) : -1;
}

static int learn_vocabulary(Cutter *cutter, PyObject *vocabulary) {
    PyObject *word, *traits;
    Py_ssize_t at = 0;
    while (PyDict_Next(vocabulary, &at, &word, &traits)) {
        Py_UCS4 points[VOCABLE_MOST];
        Py_ssize_t length = read_word(word, points, VOCABLE_MOST);
        unsigned long value = length < 0 ? 0 : PyLong_AsUnsignedLong(traits);
        if (length < 0 || PyErr_Occurred()) return -1;
        if ((int)(value >> CLASS_SHIFT) <= cutter->marks - cutter->first_class &&
            vocabulary_learn(cutter, points, (size_t)length, (uint32_t)value) == 0)
            continue;
        PyErr_SetString(PyExc_ValueError, "a word of the vocabulary must be ASCII and of a class that there is");
        return -1;
    }
    return 0;
}

static int learn_entities(Cutter *cutter, PyObject *entities) {
    PyObject *name, *text;
    Py_ssize_t at = 0;
    while (PyDict_Next(entities, &at, &name, &text)) {
        Py_UCS4 letters[ENTITY_MOST], points[2];
        Py_ssize_t length = read_word(name, letters, ENTITY_MOST);
        Py_ssize_t count = length < 0 ? -1 : read_word(text, points, 2);
        if (count < 0) return -1;
        if (entity_learn(cutter, letters, (size_t)length, points, (size_t)count) == 0) continue;
        PyErr_SetString(PyExc_ValueError, "an entity must have a name, and stand for one or two characters");
        return -1;
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
    PyObject *vocabulary, *classes, *entities, *classify, *open;
    Owner *owner = calloc(1, sizeof(Owner));
    if (!owner) return PyErr_NoMemory();
    Cutter *cutter = &owner->cutter;
    int made = -1;
    if (PyArg_ParseTuple(args, "iiiiO!O!O!OO", &cutter->words, &cutter->skeleton, &cutter->shortest, &cutter->longest,
                         &PyDict_Type, &vocabulary, &PyList_Type, &classes, &PyDict_Type, &entities, &classify,
                         &open)) {
        made = cutter_init(cutter, (size_t)PyDict_Size(vocabulary), (size_t)PyDict_Size(entities));
        if (made == -1) PyErr_NoMemory();
        if (made == -2)
            PyErr_Format(PyExc_ValueError, "n-grams must be of at most %d tokens and of 1-%d characters", TOKENS_MOST,
                         LETTERS_MOST);
    }
    if (made < 0) {
        cutter_free(cutter);
        free(owner);
        return NULL;
    }
    owner->classify = Py_NewRef(classify);
    owner->open = Py_NewRef(open);
    PyObject *capsule = PyCapsule_New(owner, "cutter", free_owner);
    if (capsule && (learn_classes(cutter, classes) < 0 || learn_vocabulary(cutter, vocabulary) < 0 ||
                    learn_entities(cutter, entities) < 0))
        Py_CLEAR(capsule);
    return capsule;
}

static int learn_word(Room *room, Py_ssize_t Py_UNUSED(number), int Py_UNUSED(place), void *table) {
    return table_learn(table, room->scratch);
}

/* Makes the table ready and teaches it the words; 0, or -1 with an error set. */
static int fill_table(Model *model, Owner *owner, PyObject *words) {
    Py_ssize_t count = model->records.len / RECORD_SIZE;
    if (model->records.len % RECORD_SIZE) {
        PyErr_Format(PyExc_ValueError, "records must have %d bytes each", (int)RECORD_SIZE);
        return -1;
    }
    int made = table_init(&model->table, model->records.buf, (size_t)count, (size_t)PyList_Size(words));
    if (made == -1) PyErr_NoMemory();
    if (made == -2) PyErr_Format(PyExc_ValueError, "a table has at most %d records, got %zd", RECORDS_MOST, count);
    if (made < 0) return -1;
    PyObject *left = do_all(&(Task){.owner = owner, .headlines = words, .work = learn_word, .with = &model->table});
    Py_XDECREF(left);
    return left ? 0 : -1;
}

static PyObject *new_table(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *words, *capsule = NULL;
    Model *model = calloc(1, sizeof(Model));
    if (!model) return PyErr_NoMemory();
    double *bias = model->table.bias;
    if (!PyArg_ParseTuple(args, "Oy*ddO!", &cutter, &model->records, &bias[0], &bias[1], &PyList_Type, &words)) {
        free(model);
        return NULL;
    }
    Owner *owner = owner_of(cutter);
    if (owner && fill_table(model, owner, words) == 0) capsule = PyCapsule_New(model, "table", free_model);
    if (capsule) model->cutter = Py_NewRef(cutter);
    if (capsule) return capsule;
    table_free(&model->table);
    PyBuffer_Release(&model->records);
    free(model);
    return NULL;
}

static PyMethodDef METHODS[] = {
    {"cutter", new_cutter, METH_VARARGS, NULL},
    {"table", new_table, METH_VARARGS, NULL},
    {"score", score_all, METH_VARARGS, NULL},
    {"explain", explain_all, METH_VARARGS, NULL},
    {"terms", terms_of, METH_VARARGS, NULL},
    {"tally", new_tally, METH_VARARGS, NULL},
    {"add_headlines", add_headlines, METH_VARARGS, NULL},
    {"add_keys", add_keys, METH_VARARGS, NULL},
    {"common", common_keys, METH_VARARGS, NULL},
    {"count", count_all, METH_VARARGS, NULL},
    {"name", name_all, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "model.scoring._kernel", NULL, 0, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&MODULE); }
