/* Reading headlines from Python, and working through a list of them. */
#include "python.h"

#include <stdlib.h>
#include <string.h>

void free_rooms(Owner *owner) {
    for (Room *room = owner->free, *next; room; room = next) {
        next = room->next;
        scratch_free(room->scratch);
        free(room->evidence);
        free(room);
    }
}

Room *take_room(Owner *owner) {
    Room *room = owner->free;
    if (room) {
        owner->free = room->next;
        return room;
    }
    room = malloc(sizeof(Room));
    if (room) room->evidence = NULL;
    if (room && !(room->scratch = scratch_new(&owner->cutter))) {
        free(room);
        room = NULL;
    }
    if (!room) PyErr_NoMemory();
    return room;
}

void give_room(Owner *owner, Room *room) {
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

/* Gives a character its properties; 0, or -1 with an error set. */
static int look_up(Owner *owner, Character *c) {
    uint32_t page = c->point >> 8;
    if (!owner->pages[page]) {
        Property *asked = ask_page(owner, page);
        if (!asked) return -1;
        if (owner->pages[page])
            free(asked); /* another thread asked meanwhile */
        else
            owner->pages[page] = asked;
    }
    Property known = owner->pages[page][c->point & 255];
    c->flags = known.flags;
    c->lower = known.lower;
    return 0;
}

/* Puts characters in the place of entities, twice, as feeds escape twice; gives the new length, or -2. */
static int read_entities(Owner *owner, Character *raw, int length) {
    for (int times = 0; times < 2; times++) {
        length = unescape(&owner->cutter, raw, length);
        for (int i = 0; i < length; i++)
            if (raw[i].flags == UNREAD && look_up(owner, &raw[i]) < 0) return -2;
    }
    return length;
}

/* Puts what Python made of a text, and where in it each character came from, in its place; -1, or -2 with an error set. */
static int put_opened(Owner *owner, PyObject *opened, Character *raw, int length) {
    Py_UCS4 points[ROOM];
    Character before[ROOM];
    PyObject *text;
    const char *starts, *stops;
    Py_ssize_t start_size, stop_size;
    if (!PyArg_ParseTuple(opened, "Uz#z#", &text, &starts, &start_size, &stops, &stop_size)) return -2;
    Py_ssize_t count = PyUnicode_GetLength(text), needed = starts ? count * (Py_ssize_t)sizeof(uint16_t) : 0;
    if (count > ROOM) return -1;
    if (start_size != needed || stop_size != needed || (!starts && count != length)) {
        PyErr_SetString(PyExc_ValueError, "an opened text must have a start and a stop for each character, or its length");
        return -2;
    }
    if (count && !PyUnicode_AsUCS4(text, points, ROOM, 0)) return -2;
    memcpy(before, raw, (size_t)length * sizeof *raw);
    for (Py_ssize_t i = 0; i < count; i++) {
        uint16_t first = (uint16_t)i, stop = (uint16_t)(i + 1);
        if (starts) memcpy(&first, starts + i * (Py_ssize_t)sizeof first, sizeof first);
        if (starts) memcpy(&stop, stops + i * (Py_ssize_t)sizeof stop, sizeof stop);
        if (first >= length || stop > length || !stop) {
            PyErr_SetString(PyExc_ValueError, "a character of an opened text must come from one of the text");
            return -2;
        }
        raw[i] = (Character){.point = points[i], .start = before[first].start, .stop = before[stop - 1].stop};
        if (look_up(owner, &raw[i]) < 0) return -2;
    }
    return (int)count;
}

/* Lets Python open a text: accents, compatibility characters, look-alikes, letters set apart. */
static int open_text(Owner *owner, Character *raw, int length) {
    uint32_t points[ROOM];
    int order = -1; /* little-endian: a first character that marks the order would be taken for one */
    length = without_invisible(raw, length);
    for (int i = 0; i < length; i++) points[i] = raw[i].point;
    PyObject *text = PyUnicode_DecodeUTF32((const char *)points, length * (Py_ssize_t)sizeof *points, NULL, &order);
    PyObject *opened = text ? PyObject_CallFunctionObjArgs(owner->open, text, NULL) : NULL;
    int count = opened ? put_opened(owner, opened, raw, length) : -2;
    Py_XDECREF(text);
    Py_XDECREF(opened);
    return count;
}

int read_characters(Owner *owner, PyObject *headline, Character *raw) {
    Py_UCS4 points[LONGEST];
    if (!PyUnicode_Check(headline)) return -1;
    Py_ssize_t length = PyUnicode_GetLength(headline);
    if (length < 1 || length > LONGEST) return -1;
    if (!PyUnicode_AsUCS4(headline, points, LONGEST, 0)) return -2;
    uint32_t seen = 0;
    int visible = 0, entities = 0, read = (int)length;
    for (int i = 0; i < read; i++) {
        raw[i] = (Character){.point = points[i], .start = (uint16_t)i, .stop = (uint16_t)(i + 1)};
        if (look_up(owner, &raw[i]) < 0) return -2;
        visible |= !(raw[i].flags & (SPACE | INVISIBLE));
        entities |= points[i] == '&';
        seen |= raw[i].flags;
    }
    if (!visible || (seen & HARD)) return -1;
    if (entities && (read = read_entities(owner, raw, read)) < 0) return read;
    for (int i = 0; entities && i < read; i++) seen |= raw[i].flags;
    return (seen & RARE) || is_set_apart(raw, read) ? open_text(owner, raw, read) : read;
}

int read_headline(Owner *owner, PyObject *headlines, Py_ssize_t number, Character *raw) {
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

/* Cuts the headlines that were read and works on them; marks by length -1 what cannot be cut. 0, or -1 without memory. */
static int work_through(const Task *task, Room *room, Py_ssize_t first, int count) {
    for (int i = 0; i < count; i++) {
        if (room->lengths[i] < 0) continue;
        if (cut(&task->owner->cutter, task->table, room->scratch, room->raw[i], room->lengths[i]) < 0)
            room->lengths[i] = -1;
        else if (task->work(room, first + i, i, task->with) < 0)
            return -1;
    }
    return 0;
}

static int do_some(const Task *task, Room *room, Py_ssize_t first, int count, PyObject *doubtful) {
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
        if (room->lengths[i] < 0 && append_number(doubtful, first + i) < 0) return -1;
    return task->tell ? task->tell(room, first, count, task->with) : 0;
}

PyObject *do_all(const Task *task) {
    PyObject *doubtful = PyList_New(0);
    Room *room = doubtful ? take_room(task->owner) : NULL;
    Py_ssize_t total = PyList_Size(task->headlines), done = 0;
    int failed = !room;
    while (!failed && done < total) {
        int count = total - done < TOGETHER ? (int)(total - done) : TOGETHER;
        failed = do_some(task, room, done, count, doubtful) < 0;
        done += count;
    }
    if (room) give_room(task->owner, room);
    if (failed) Py_CLEAR(doubtful);
    return doubtful;
}
