"""Searches for the costliest page that is accepted: python -m benchmarks.worst.pages [--seconds 600] [--limit BYTES].

A page is made of a structure, a text and a list of names that fill it, and three numbers. Every structure starts at
every limit, then the costliest are changed, joined and tried again. Each page is read by a process of its own, by the
code in `--tree`, so that an older checkout can be measured on the same pages: `--pages FILE` reads what `--save` kept.
"""

# ruff: noqa: S311  # dice need not be secret

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.worst.markup import LINES, NAMES, ONCE, PARTS, TEXTS, Spec, page_of

GOAL_SECONDS, GOAL_MEGABYTES = 0.5, 100.0
SLOWEST = 30  # seconds of CPU after which a page is given up
ROOT = Path(__file__).parents[2]
READER = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
seconds = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
from model.pages import read_html, read_text
def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
read_html("<p>x"), read_text("x")
before, started = kilobytes("VmRSS"), time.process_time()
document = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
started = time.process_time()
try:
    told = f"{len((read_html if sys.argv[3] == 'html' else read_text)(document)):,} headlines"
except ValueError as error:
    told = f"refused: {error}" if type(error).__name__ == "PageTooLargeError" else f"failed: {error!r}"
except MemoryError:
    told = "failed: 8 GB"
print(time.process_time() - started, (kilobytes("VmHWM") - before) / 1024, told)
"""


@dataclass(frozen=True)
class Measured:
    """What reading a page took."""

    spec: Spec
    size: int
    seconds: float
    megabytes: float
    told: str

    @property
    def accepted(self) -> bool:
        """Whether the page was read rather than refused."""
        return not self.told.startswith("refused")

    @property
    def cost(self) -> float:
        """1 at the nearer goal."""
        return max(self.seconds / GOAL_SECONDS, self.megabytes / GOAL_MEGABYTES)


def measure(spec: Spec, most: int, tree: Path) -> Measured:
    """Read the page in a process of its own."""
    document, kind = page_of(spec, most)
    content = document.encode("utf-8", "surrogatepass")
    command = [sys.executable, "-c", READER, str(tree), str(SLOWEST), kind]
    ended = subprocess.run(command, input=content, capture_output=True, check=False)
    if ended.returncode:
        told = (
            f"failed: killed after {SLOWEST} s" if ended.returncode < 0 else f"failed: {ended.stderr.decode()[-200:]}"
        )
        return Measured(spec, len(content), SLOWEST, 0, told)
    seconds, megabytes, told = ended.stdout.decode().strip().split(" ", 2)
    return Measured(spec, len(content), float(seconds), float(megabytes), told)


def beginnings(most: int) -> Iterator[Spec]:
    """Every structure at the bytes and at the counts that limits are set to, in short and in long texts."""
    structures = [f"/{part}" for part in PARTS] + [f"{outer}/full" for outer in ONCE if outer]
    structures += [f"text/{part}" for part in LINES]
    for structure in structures:
        for count, length, depth in ((most, 1, 1), (9_900, 25, 1), (3_300, 290, 250), (1, most, 1)):
            yield Spec(structure, count=count, length=length, depth=depth)
    for text in TEXTS:
        yield from (Spec(structure, text, count=4_900, length=180) for structure in ("text/lines", "/h2", "/li a"))
    for names in NAMES:
        yield Spec("/p", names=names, count=9_900, length=90)


def changed(spec: Spec, dice: random.Random) -> Spec:
    """The same page, but for one thing."""
    outer, _, part = spec.structure.rpartition("/")
    parts, factor = LINES if outer == "text" else PARTS, dice.choice((0.5, 0.7, 0.9, 1.1, 1.4, 2, 4))
    return dice.choice(
        [
            replace(spec, structure=f"{outer}/{dice.choice(list(parts))}"),
            replace(spec, structure=f"{outer if outer == 'text' else dice.choice(list(ONCE))}/{part}"),
            replace(spec, text=dice.choice(list(TEXTS))),
            replace(spec, names=dice.choice(list(NAMES))),
            replace(spec, count=max(1, int(spec.count * factor))),
            replace(spec, count=max(1, int(spec.count * factor)), length=max(1, int(spec.length / factor))),
            replace(spec, length=max(1, int(spec.length * factor))),
            replace(spec, depth=min(500, max(1, int(spec.depth * factor)))),
        ]
    )


def smaller(spec: Spec) -> Spec:
    """A page that was refused, with less of everything."""
    count = max(1, min(spec.count, 20_000) * 2 // 3)
    return replace(spec, count=count, length=max(1, min(spec.length * 9 // 10, 900_000 // count)))


class Search:
    """The pages measured so far, and the costliest of each structure."""

    def __init__(self, most: int, tree: Path, dice: random.Random) -> None:
        self.most, self.tree, self.dice = most, tree, dice
        self.known: dict[Spec, Measured] = {}

    def try_out(self, spec: Spec) -> None:
        """Measure a page; of one that is refused, smaller ones, until one is accepted."""
        for _ in range(4):
            if spec in self.known:
                return
            one = self.known[spec] = measure(spec, self.most, self.tree)
            if one.accepted:
                return
            spec = smaller(spec)

    def climb(self) -> None:
        """Change one of the costliest pages, or join two."""
        best = self.worst(40)
        spec = best[min(int(self.dice.expovariate(0.15)), len(best) - 1)].spec
        if self.dice.random() < 0.15:
            half, other = replace(spec, count=spec.count // 2 + 1, and_also=None), self.dice.choice(best).spec
            spec = replace(half, and_also=replace(other, count=other.count // 2 + 1, and_also=None))
        else:
            spec = changed(spec, self.dice)
        self.try_out(spec)

    def worst(self, count: int) -> list[Measured]:
        """The costliest accepted pages, one of each structure and text."""
        first: dict[tuple[str, str], Measured] = {}
        accepted = (one for one in self.known.values() if one.accepted)
        for one in sorted(accepted, key=lambda one: one.cost, reverse=True):
            first.setdefault((one.spec.structure, one.spec.text), one)
        return list(first.values())[:count]

    def worst_refused(self) -> list[Measured]:
        """The refused pages that took longest to refuse."""
        return sorted((one for one in self.known.values() if not one.accepted), key=lambda one: -one.cost)[:3]


def table(measured: Iterable[Measured]) -> str:
    """Markdown."""
    rows = [
        f"| {_described(one.spec)} | {one.size:,} | {one.seconds:.2f} | {one.megabytes:.0f} | {one.told[:80]} |"
        for one in measured
    ]
    return "\n".join(["| page | bytes | CPU s | MB | answer |", "| --- | ---: | ---: | ---: | --- |", *rows])


def _described(spec: Spec) -> str:
    own = f"{spec.count:,} x `{spec.structure}` of {spec.length:,} {spec.text}, names {spec.names}, depth {spec.depth}"
    return own + (f"; and {_described(spec.and_also)}" if spec.and_also else "")


def _spec(told: dict[str, object]) -> Spec:
    other = told.pop("and_also", None)
    return Spec(**told, and_also=_spec(other) if isinstance(other, dict) else None)  # type: ignore[arg-type]


def main() -> int:
    """Search, print the worst, and end with 1 if one is above the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of searching")
    parser.add_argument("--limit", type=int, default=4 << 20, metavar="BYTES", help="of a page")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tree", type=Path, default=ROOT, help="the checkout whose code reads the pages")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the worst pages' recipes")
    parser.add_argument("--pages", type=Path, metavar="FILE", help="measure these recipes instead of searching")
    asked = parser.parse_args()
    if asked.pages:
        found = [measure(_spec(one), asked.limit, asked.tree) for one in json.loads(asked.pages.read_text())]
        sys.stdout.write(table(found) + "\n")
        return 0
    search, end = Search(asked.limit, asked.tree, random.Random(asked.seed)), time.monotonic() + asked.seconds
    for spec in beginnings(asked.limit):
        if time.monotonic() > end:
            break
        search.try_out(spec)
    while time.monotonic() < end:
        search.climb()
    worst = search.worst(10)
    sys.stdout.write(f"{len(search.known):,} pages of at most {asked.limit:,} bytes\n\n{table(worst)}\n\n")
    sys.stdout.write(f"longest to refuse:\n\n{table(search.worst_refused())}\n")
    if asked.save:
        asked.save.write_text(json.dumps([asdict(one.spec) for one in worst], indent=1))
    return int(worst[0].cost > 1)


if __name__ == "__main__":
    sys.exit(main())
