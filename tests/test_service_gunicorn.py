"""gunicorn's insides: what the service uses of them, with the reason, and whether the installed release has it.

Its documentation promises settings, signals and `BaseApplication`; nothing of what is listed here. What to do when a
test fails is in docs/decisions.md, "gunicorn's insides". Nothing here is forked or signalled: processes are numbers.
"""

import ast
import errno
import inspect
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import gunicorn
import pytest
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger
from gunicorn.sock import create_sockets
from gunicorn.workers.base import Worker

import service.master
from service.logs import GunicornLogger
from service.master import Master

SERVICE = Path(service.master.__file__).parent
BASES = {
    "gunicorn.app.base.BaseApplication",
    "gunicorn.arbiter.Arbiter",
    "gunicorn.glogging.Logger",
    "gunicorn.workers.base.Worker",
}
APP = object()  # what the application loads


class Part(NamedTuple):
    """A name that must be there; where it is called, with what."""

    owner: str
    name: str
    need: str  # goes on "which ..."
    given: tuple[object, ...] | None = None


PARTS = (
    Part("Arbiter", "run", "service/server.py calls to serve until a signal ends it", ()),
    Part("Arbiter", "reload", "service/master.py overrides to replace workers one by one", ()),
    Part("Arbiter", "spawn_worker", "service/master.py calls to start one worker beside the others", ()),
    Part("Arbiter", "kill_worker", "service/master.py calls to end a worker", (1, signal.SIGTERM)),
    Part("Arbiter", "reap_workers", "service/master.py calls to learn that a new worker has ended", ()),
    Part("Arbiter", "WORKERS", "service/master.py reads as the workers by process id"),
    Part("Arbiter", "num_workers", "service/master.py reads to leave alone those that still end from the last reload"),
    Part("Arbiter", "timeout", "service/master.py reads as the seconds that a new worker has to start"),
    Part("Arbiter", "WORKER_BOOT_ERROR", "service/server.py avoids as an exit code: it ends the whole service"),
    Part("Arbiter", "APP_LOAD_ERROR", "service/server.py avoids as an exit code: it ends the whole service"),
    Part("Worker", "run", "service/worker.py overrides with its event loop", ()),
    Part("Worker", "notify", "service/worker.py calls to tell the master that it lives", ()),
    Part("Worker", "wsgi", "service/worker.py reads as what the application has loaded"),
    Part("Worker", "sockets", "service/worker.py reads to listen"),
    Part("Worker", "alive", "service/worker.py reads: a SIGTERM that came before its loop clears it"),
    Part("Worker", "ppid", "service/worker.py compares with its parent, to end after its master"),
    Part("Worker", "cfg", "service/worker.py reads settings from"),
    Part("Worker", "age", "service/master.py sorts workers by"),
    Part("Worker", "pid", "service/server.py reads when a worker has ended, to drop its gauges"),
    Part("Worker", "tmp", "service/master.py asks for the last sign of life"),
    Part("WorkerTmp", "last_update", "service/master.py calls to see a new worker's first sign of life", ()),
    Part("WorkerTmp", "close", "service/master.py calls for a worker that it gives up", ()),
    Part("Config", "backlog", "service/worker.py reads to listen"),
    Part("Config", "graceful_timeout", "service/worker.py reads as the seconds for a stop"),
    Part("Socket", "sock", "service/worker.py hands to its event loop as Python's own socket"),
    Part("Logger", "setup", "service/logs.py overrides to leave handlers alone", (None,)),
    Part("Logger", "error_log", "service/logs.py sends to the service's own log"),
)


class World(NamedTuple):
    """A master and its parts; processes are forked, signalled and waited for in these lists alone."""

    master: Any
    insides: dict[str, Any]
    sent: list[tuple[int, int]]  # process ids and signals
    ended: list[tuple[int, int]]  # process ids and statuses
    gone: set[int]  # process ids that no signal finds
    immortal: set[int]


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    made: list[Any]
    exits: list[Any]

    def load_config(self) -> None:
        self.made, self.exits = [], []
        options = {"bind": "127.0.0.1:0", "workers": 2, "worker_class": Worker, "logger_class": GunicornLogger}
        hooks = {
            "pre_fork": lambda _, worker: self.made.append(worker),
            "child_exit": lambda _, worker: self.exits.append(worker),
        }
        for name, value in {**options, **hooks}.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return APP


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Make a `World` of a class of masters."""
    with ExitStack() as stack:

        def start(arbiter: type = Arbiter) -> World:
            world = _world(arbiter, stack)
            pids = itertools.count(5_000_000)  # above what Linux gives
            monkeypatch.setattr(os, "fork", lambda: next(pids))
            monkeypatch.setattr(os, "kill", lambda pid, sig: _kill(world, pid, sig))
            monkeypatch.setattr(os, "waitpid", lambda _pid, how: _wait(world, how))
            monkeypatch.setattr("gunicorn.arbiter.time.sleep", lambda _: None)
            return world

        monkeypatch.setenv("SERVER_SOFTWARE", "")  # which a master sets
        yield start


def _world(arbiter: type, stack: ExitStack) -> World:
    app = _Application()
    master: Any = arbiter(app)
    master.pid, master.LISTENERS = os.getpid(), create_sockets(app.cfg, master.log)
    if hasattr(master, "WORKERS"):
        master.WORKERS = {}  # gunicorn's is the class's own
    worker = Worker(1, os.getpid(), master.LISTENERS, app, 1.0, app.cfg, master.log)
    worker.load_wsgi()
    for one in (*master.LISTENERS, worker.tmp):
        stack.callback(one.close)
    stack.callback(lambda: [one.tmp.close() for one in app.made])
    insides = {"Arbiter": master, "Worker": worker, "WorkerTmp": worker.tmp, "Config": app.cfg}
    insides |= {"Socket": master.LISTENERS[0], "Logger": master.log}
    return World(master, insides, [], [], set(), set())


def _kill(world: World, pid: int, sig: int) -> None:
    if pid in world.gone:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    world.sent.append((pid, sig))
    if sig == signal.SIGKILL and pid not in world.immortal:
        world.ended.append((pid, sig))


def _wait(world: World, how: int) -> tuple[int, int]:
    assert how == os.WNOHANG, "it would wait for a worker to end"
    return world.ended.pop(0) if world.ended else (0, 0)


# what is checked of each


def lacking(part: Part, inside: Any) -> str | None:
    """Say what is missing, in a sentence that tells a maintainer where to go on; None where it is there."""
    see = f'which {part.need}; see docs/decisions.md, "gunicorn\'s insides"'
    found: Any = getattr(inside, part.name, _NONE)
    if found is _NONE:
        return f"gunicorn {gunicorn.__version__} has no {part.owner}.{part.name}, {see}"
    try:
        if part.given is not None:
            inspect.signature(found).bind(*part.given)
    except TypeError as error:
        return f"gunicorn {gunicorn.__version__} has another {part.owner}.{part.name} ({error}), {see}"
    return None


_NONE = object()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.owner}.{part.name}")
def test_gunicorn_has_what_the_service_uses(part: Part, build: Callable[..., World]) -> None:
    """On objects as they are made, with the arguments that are given."""
    if sentence := lacking(part, build().insides[part.owner]):
        pytest.fail(sentence, pytrace=False)


class Without:
    """An object without one of its names, or with something else there."""

    def __init__(self, inside: object, name: str, other: object = _NONE) -> None:
        self._inside, self._name, self._other = inside, name, other

    def __getattr__(self, name: str) -> object:
        """Give what the object has."""
        if name != self._name:
            return getattr(self._inside, name)
        if self._other is _NONE:
            raise AttributeError(name)
        return self._other


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.owner}.{part.name}")
def test_a_release_without_it_is_told_in_a_sentence(part: Part, build: Callable[..., World]) -> None:
    """So is one whose method wants another argument."""
    inside = build().insides[part.owner]
    said = (
        f"gunicorn {gunicorn.__version__} has no {part.owner}.{part.name}, which {part.need}; see docs/decisions.md, "
    )
    assert lacking(part, Without(inside, part.name)) == f'{said}"gunicorn\'s insides"'
    sentence = lacking(part, Without(inside, part.name, lambda *, other: other))
    assert (sentence is not None) == (part.given is not None)
    assert sentence is None or f"another {part.owner}.{part.name} (" in sentence


def classes(path: Path) -> Iterator[tuple[str, ast.ClassDef]]:
    """Give a file's classes that have a base of gunicorn's, with that base's name."""
    tree = ast.parse(path.read_text())
    aliases = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gunicorn")
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from ((aliases[b.id], node) for b in node.bases if isinstance(b, ast.Name) and b.id in aliases)


def test_nothing_else_of_gunicorn_is_used() -> None:
    """Whatever our classes read of themselves and do not set is listed, and no other module of gunicorn is imported."""
    listed = {(part.owner, part.name) for part in PARTS} | {("BaseApplication", "cfg")}  # which is documented
    imported, used = set(), set()
    for path in SERVICE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gunicorn"):
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        for owner, body in classes(path):
            mine = {one.name for one in body.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
            mine |= {
                t.id for one in body.body if isinstance(one, ast.Assign) for t in one.targets if isinstance(t, ast.Name)
            }
            own = [n for n in ast.walk(body) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "self"]
            mine |= {n.attr for n in own if isinstance(n.ctx, ast.Store)}
            used |= {(owner, n.attr) for n in own if n.attr not in mine}
    assert imported == BASES
    assert used <= listed
    assert {("Arbiter", "reap_workers"), ("Worker", "alive"), ("Logger", "error_log")} <= used


# how they behave


def _spawn(world: World) -> bool:
    first, second = world.master.spawn_worker(), world.master.spawn_worker()
    old, new = world.master.WORKERS[first], world.master.WORKERS[second]
    same = (new.ppid, new.sockets, new.cfg) == (os.getpid(), world.master.LISTENERS, world.master.cfg)
    return same and old.age < new.age and type(new) is Worker and (old.pid, new.pid) == (first, second)


def _reap(world: World) -> bool:
    first, second = world.master.spawn_worker(), world.master.spawn_worker()
    worker = world.master.WORKERS[first]
    world.ended.extend([(first, 0), (5_555_555, 0)])  # and a process that nobody knows
    world.master.reap_workers()
    return set(world.master.WORKERS) == {second} and world.master.app.exits == [worker] and not world.ended


def _try_again(world: World) -> bool:
    world.ended.append((world.master.spawn_worker(), 1 << 8))  # exit code 1
    world.master.reap_workers()
    return not world.master.WORKERS and world.master.WORKER_BOOT_ERROR != 1


def _kill_one(world: World) -> bool:
    pid = world.master.spawn_worker()
    world.master.kill_worker(pid, signal.SIGTERM)
    world.gone.add(5_555_555)
    world.master.kill_worker(5_555_555, signal.SIGTERM)
    return world.sent == [(pid, signal.SIGTERM)] and pid in world.master.WORKERS


def _too_many(world: World) -> bool:
    pids = [world.master.spawn_worker() for _ in range(world.master.num_workers + 1)]
    world.master.manage_workers()
    return world.sent == [(pids[0], signal.SIGTERM)] and list(world.master.WORKERS) == pids


def _too_few(world: World) -> bool:
    world.master.spawn_worker()
    world.master.manage_workers()
    return len(world.master.WORKERS) == world.master.num_workers == 2 and not world.sent


def _hang_up(world: World) -> bool:
    calls: list[str] = []
    world.master.reload = lambda: calls.append("reload")
    world.master.handle_hup()
    return calls == ["reload"]


def _sign_of_life(world: World) -> bool:
    tmp = world.insides["WorkerTmp"]
    born = tmp.last_update()
    quiet = tmp.last_update() == born
    world.insides["Worker"].notify()
    return bool(quiet and tmp.last_update() != born)


def _begin(world: World) -> bool:
    worker, calls = world.insides["Worker"], list[object]()
    del worker.wsgi
    worker.init_signals = lambda: calls.append("signals")
    worker.run = lambda: calls.append(worker.wsgi)
    worker.init_process()
    for number in worker.PIPE:
        os.close(number)
    return calls == ["signals", APP]


def _told_to_stop(world: World) -> bool:
    worker = world.insides["Worker"]
    before = worker.alive
    worker.handle_exit(signal.SIGTERM, None)
    return before and not worker.alive


def _log(world: World) -> bool:
    class Seen(Logger):  # type: ignore[misc]  # gunicorn is untyped
        def setup(self, cfg: object) -> None:
            self.seen = (cfg, self.error_log.name)

    seen: object = Seen(world.master.cfg).seen
    return type(world.master.log) is GunicornLogger and seen == (world.master.cfg, "gunicorn.error")


class Habit(NamedTuple):
    """A behaviour that the service counts on, and a change of gunicorn that would end it."""

    says: str
    need: str  # goes on "which ..."
    holds: Callable[[World], bool]
    changed: tuple[type, str, object]


def _nothing(*_: object) -> None:
    """Do nothing."""


HABITS = (
    Habit(
        "Arbiter.spawn_worker gives a process id, under which WORKERS has the new worker, with the master's sockets",
        "service/master.py looks up to wait for it",
        _spawn,
        (Worker, "age", property(lambda _: 0, _nothing)),
    ),
    Habit(
        "Arbiter.reap_workers takes whoever has ended out of WORKERS, calls child_exit, and waits for nobody",
        "service/master.py takes as the sign that a new worker cannot start",
        _reap,
        (Arbiter, "reap_workers", _nothing),
    ),
    Habit(
        "Arbiter.reap_workers goes on after a worker with exit code 1, and halts after WORKER_BOOT_ERROR",
        "service/server.py counts on: a worker that found no model tries again, and others answer",
        _try_again,
        (Arbiter, "WORKER_BOOT_ERROR", 1),
    ),
    Habit(
        "Arbiter.kill_worker sends the signal, keeps the worker until it is reaped, and lets be whoever is gone",
        "service/master.py counts on where an old worker has ended by itself",
        _kill_one,
        (Arbiter, "kill_worker", lambda master, pid, _sig: master.WORKERS.pop(pid).tmp.close()),
    ),
    Habit(
        "Arbiter.manage_workers ends the oldest by SIGTERM when WORKERS has more than num_workers",
        "service/master.py counts on while replaced workers answer their last requests",
        _too_many,
        (Arbiter, "manage_workers", _nothing),
    ),
    Habit(
        "Arbiter.manage_workers starts as many workers as WORKERS lacks of num_workers",
        "service/server.py counts on for a worker that was killed or found no model",
        _too_few,
        (Arbiter, "spawn_workers", _nothing),
    ),
    Habit(
        "Arbiter.handle_hup calls reload",
        "service/master.py counts on for SIGHUP",
        _hang_up,
        (Arbiter, "handle_hup", _nothing),
    ),
    Habit(
        "Worker.tmp.last_update changes with Worker.notify, and with nothing else",
        "service/master.py takes as the sign that a new worker answers",
        _sign_of_life,
        (Worker, "notify", _nothing),
    ),
    Habit(
        "Worker.init_process sets signals' handlers, loads the application into wsgi, and calls run",
        "service/worker.py counts on to serve it, with handlers of its own",
        _begin,
        (Worker, "load_wsgi", lambda worker: setattr(worker, "wsgi", None)),
    ),
    Habit(
        "Worker.handle_exit clears alive",
        "service/worker.py reads where SIGTERM comes before its loop runs",
        _told_to_stop,
        (Worker, "handle_exit", _nothing),
    ),
    Habit(
        "the setting logger_class takes a class, whose constructor calls setup when error_log is there",
        "service/logs.py counts on",
        _log,
        (Config, "logger_class", type("Other", (GunicornLogger,), {})),
    ),
)


def differing(habit: Habit, world: World) -> str | None:
    """Say what gunicorn does no longer; None where it still does."""
    try:
        holds = habit.holds(world)
    except (AssertionError, AttributeError, HaltServer, KeyError, OSError, TypeError, ValueError):
        holds = False
    see = f'which {habit.need}; see docs/decisions.md, "gunicorn\'s insides"'
    return None if holds else f"of gunicorn {gunicorn.__version__} it is not true that {habit.says}, {see}"


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.holds.__name__)
def test_gunicorn_behaves_as_the_service_counts_on(habit: Habit, build: Callable[..., World]) -> None:
    """With its own classes, and processes that are numbers."""
    if sentence := differing(habit, build()):
        pytest.fail(sentence, pytrace=False)


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.holds.__name__)
def test_a_release_that_behaves_otherwise_is_told_in_a_sentence(
    habit: Habit, build: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each behaviour is changed once."""
    owner, name, other = habit.changed
    monkeypatch.setattr(owner, name, other, raising=False)
    sentence = differing(habit, build())
    assert sentence is not None
    assert habit.says in sentence
    assert habit.need in sentence


# what the master makes of it


@pytest.mark.parametrize("stuck", [False, True])
def test_a_new_worker_that_hangs_costs_no_other(
    build: Callable[..., World], monkeypatch: pytest.MonkeyPatch, *, stuck: bool
) -> None:
    """It is killed and counted no more, even where the kernel does not let go of it; else the oldest would be ended."""
    world = build(Master)
    master, pids = world.master, [world.master.spawn_worker() for _ in range(2)]
    monkeypatch.setattr(service.master, "_DEATH", 0.1)
    master.timeout = 0.1
    if stuck:
        world.immortal.add(pids[-1] + 1)
    master.reload()
    master.manage_workers()
    assert world.sent == [(pids[-1] + 1, signal.SIGKILL)]
    assert list(master.WORKERS) == pids
    world.ended.append((pids[-1] + 1, signal.SIGKILL))  # at last
    master.reap_workers()
    assert list(master.WORKERS) == pids
