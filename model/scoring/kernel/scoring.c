/* What scoring asks of the kernel: scores, evidence, and the terms of one headline. */
#include "python.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const Table *table;
    double *out;
    uint16_t *letters; /* COUNTS a headline */
    Py_ssize_t count;
    int probabilities; /* instead of log-odds */
    PyObject *span, *names, *evidence; /* the last: first the headlines, then what is found of each in its place */
} Scoring;

static void write_scores(const Scoring *scoring, const Scratch *s, const double *scores, Py_ssize_t number) {
    double *out = scoring->out + AXES * number;
    memcpy(scoring->letters + COUNTS * number, s->letters, sizeof s->letters);
    for (int axis = 0; axis < AXES; axis++) out[axis] = scoring->probabilities ? expit(scores[axis]) : scores[axis];
}

static int score_one(Room *room, Py_ssize_t number, int Py_UNUSED(place), void *with) {
    const Scoring *scoring = with;
    double scores[AXES];
    if (number >= scoring->count) return 0; /* the list grew meanwhile */
    score(scoring->table, room->scratch, scores);
    write_scores(scoring, room->scratch, scores, number);
    return 0;
}

/* What spans are sorted by; no number at all is the strongest, so that any two can be compared. */
static double strength(const Span *span) {
    double strongest = 0;
    for (int axis = 0; axis < AXES; axis++) {
        double size = fabs(span->weights[axis]);
        if (!(size <= strongest)) strongest = isnan(size) ? INFINITY : size;
    }
    return strongest;
}

static int compare_spans(const void *one, const void *other) {
    double a = strength(one), b = strength(other);
    if (a != b) return a < b ? 1 : -1;
    return (int)((const Span *)one)->start - (int)((const Span *)other)->start;
}

static void write_evidence(const Scratch *s, Evidence *evidence) {
    memcpy(evidence->rest, s->rest, sizeof s->rest);
    evidence->count = 0;
    for (int w = 0; w < s->word_count; w++) {
        const double *weights = s->shares[w];
        int any = 0;
        for (int axis = 0; axis < AXES; axis++) any |= weights[axis] != 0;
        if (!any) continue;
        Span *span = &evidence->spans[evidence->count++];
        span->start = s->text[s->words[w].start].start;
        span->stop = s->text[s->words[w].stop - 1].stop;
        memcpy(span->weights, weights, sizeof span->weights);
    }
    qsort(evidence->spans, (size_t)evidence->count, sizeof *evidence->spans, compare_spans);
}

static int explain_one(Room *room, Py_ssize_t number, int place, void *with) {
    const Scoring *scoring = with;
    double scores[AXES];
    if (number >= scoring->count) return 0;
    explain(scoring->table, room->scratch, scores);
    write_scores(scoring, room->scratch, scores, number);
    if (!room->evidence && !(room->evidence = malloc(TOGETHER * sizeof *room->evidence))) return -1;
    write_evidence(room->scratch, &room->evidence[place]);
    return 0;
}

/* Sets an attribute of an object that is being made, whatever its class says of setting; steals the value. */
static int set(PyObject *object, PyObject *names, Py_ssize_t name, PyObject *value) {
    int failed = !value || PyObject_GenericSetAttr(object, PyTuple_GetItem(names, name), value) < 0;
    Py_XDECREF(value);
    return failed ? -1 : 0;
}

/* Makes a span as its class' constructor would, in a quarter of the time: a request may ask for 250,000. */
static PyObject *make_span(const Scoring *scoring, PyObject *headline, const Span *span) {
    PyObject *made = PyType_GenericAlloc((PyTypeObject *)scoring->span, 0);
    if (!made) return NULL;
    if (set(made, scoring->names, 0, PyLong_FromLong(span->start)) < 0 ||
        set(made, scoring->names, 1, PyLong_FromLong(span->stop)) < 0 ||
        set(made, scoring->names, 2, PyUnicode_Substring(headline, span->start, span->stop)) < 0 ||
        set(made, scoring->names, 3, PyFloat_FromDouble(span->weights[0])) < 0 ||
        set(made, scoring->names, 4, PyFloat_FromDouble(span->weights[1])) < 0)
        Py_CLEAR(made);
    else
        PyObject_GC_UnTrack(made); /* numbers and a string lead nowhere */
    return made;
}

static PyObject *make_evidence(const Scoring *scoring, PyObject *headline, const Evidence *evidence) {
    PyObject *spans = PyTuple_New(evidence->count);
    for (int i = 0; spans && i < evidence->count; i++) {
        PyObject *span = make_span(scoring, headline, &evidence->spans[i]);
        if (!span || PyTuple_SetItem(spans, i, span) < 0) Py_CLEAR(spans);
    }
    PyObject *made = spans ? Py_BuildValue("(Odd)", spans, evidence->rest[0], evidence->rest[1]) : NULL;
    Py_XDECREF(spans);
    return made;
}

/* Appends the evidence of each headline, and None for one that Python must look at. */
static int tell_evidence(Room *room, Py_ssize_t first, int count, void *with) {
    const Scoring *scoring = with;
    for (int i = 0; i < count && first + i < scoring->count; i++) {
        PyObject *headline = PyList_GetItem(scoring->evidence, first + i), *made = Py_NewRef(Py_None);
        if (headline && room->lengths[i] >= 0) {
            Py_DECREF(made);
            made = make_evidence(scoring, headline, &room->evidence[i]);
        }
        if (!headline || !made || PyList_SetItem(scoring->evidence, first + i, made) < 0) return -1;
    }
    return 0;
}

/* Runs a task over headlines with a table; gives the numbers that are left, or NULL. */
static PyObject *run(PyObject *cutter, PyObject *table, PyObject *headlines, Scoring *scoring, const Py_buffer *out,
                     const Py_buffer *letters) {
    Owner *owner = owner_of(cutter);
    const Model *model = owner ? model_of(table) : NULL;
    if (!model) return NULL;
    scoring->count = PyList_Size(headlines);
    if (out->len != scoring->count * (Py_ssize_t)(AXES * sizeof(double)) ||
        letters->len != scoring->count * (Py_ssize_t)(COUNTS * sizeof(uint16_t))) {
        PyErr_SetString(PyExc_ValueError, "the results must have two doubles and three counts a headline");
        return NULL;
    }
    scoring->out = out->buf;
    scoring->letters = letters->buf;
    scoring->table = &model->table;
    return do_all(&(Task){.owner = owner, .table = known_by(model, cutter), .headlines = headlines, .with = scoring,
                          .work = scoring->span ? explain_one : score_one,
                          .tell = scoring->span ? tell_evidence : NULL});
}

PyObject *score_all(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines;
    Py_buffer out, letters;
    Scoring scoring = {0};
    if (!PyArg_ParseTuple(args, "OOO!w*w*p", &cutter, &table, &PyList_Type, &headlines, &out, &letters,
                          &scoring.probabilities))
        return NULL;
    PyObject *doubtful = run(cutter, table, headlines, &scoring, &out, &letters);
    PyBuffer_Release(&out);
    PyBuffer_Release(&letters);
    return doubtful;
}

PyObject *explain_all(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *table, *headlines, *doubtful = NULL;
    Py_buffer out, letters;
    Scoring scoring = {.probabilities = 1};
    if (!PyArg_ParseTuple(args, "OOO!w*w*O!O!", &cutter, &table, &PyList_Type, &headlines, &out, &letters, &PyType_Type,
                          &scoring.span, &PyTuple_Type, &scoring.names))
        return NULL;
    unsigned long needed = Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_HAVE_GC;
    if ((PyType_GetFlags((PyTypeObject *)scoring.span) & needed) != needed || PyTuple_Size(scoring.names) != 5)
        PyErr_SetString(PyExc_ValueError, "a span must be of a class of Python's with five names");
    else if ((scoring.evidence = PyList_GetSlice(headlines, 0, PyList_Size(headlines))))
        doubtful = run(cutter, table, scoring.evidence, &scoring, &out, &letters);
    PyBuffer_Release(&out);
    PyBuffer_Release(&letters);
    PyObject *both = doubtful ? PyTuple_Pack(2, doubtful, scoring.evidence) : NULL;
    Py_XDECREF(doubtful);
    Py_XDECREF(scoring.evidence);
    return both;
}

PyObject *spelled(const Cutter *cutter, const Scratch *s, const Term *term) {
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

PyObject *terms_of(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *cutter, *headline;
    if (!PyArg_ParseTuple(args, "OO", &cutter, &headline)) return NULL;
    Owner *owner = owner_of(cutter);
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
