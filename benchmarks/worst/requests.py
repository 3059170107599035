"""Searches for the costliest request of each call: python -m benchmarks.worst.requests [--seconds 120].

Every family of headlines, hand-made body, head and a choice of the costliest pages is tried at the limits; then the
costliest requests of each call are changed and tried again for `--seconds`. Each is measured in a process of its own,
benchmarks.worst.one_request, and the scorers' worst ones with the portable scorer as well. `--save FILE` keeps the
recipes, `--requests FILE` measures those again. Ends with 1 if a request is above the goals with the compiled scorer.
"""

# ruff: noqa: S311  # dice need not be secret

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.timing import print_table
from benchmarks.worst import pages
from benchmarks.worst.bodies import BY_HAND, CALLS, HEADS, MOST_HEADLINES, PAGES_BY_HAND, Recipe, request_of
from benchmarks.worst.families import FAMILIES
from benchmarks.worst.markup import Spec
from benchmarks.worst.one_request import SLOWEST

GOAL_SECONDS, GOAL_MEGABYTES, GOAL_REFUSED = 0.5, 100.0, 0.2
SCORES, PAGES = ("score", "score, explain"), ("page, html", "page, html, explain", "page, text", "page, text, explain")
HTML_PAGES = [  # the costliest that benchmarks.worst.pages found, and the same with as many headlines as are judged
    Spec("/section then links", names="lists", count=6600, length=60),
    Spec("/section then links", names="lists", count=990, length=60),
    Spec("/h2", "marks", count=4900, length=180),
    Spec("/h2", "marks", count=990, length=480),
    Spec("/li a", "marks", count=4900, length=180),
    Spec("/h2", "combining", count=4900, length=180),
    Spec("/h2", "combining", count=990, length=480),
    Spec("/h2", "letters", count=990, length=480),
    Spec("/h2", "two letters", count=990, length=480),
    Spec("/h2", "shouts", count=990, length=480),
    Spec("/h2", "emoji", count=990, length=480),
    Spec("/h2", "half", count=990, length=480),
    Spec("/p", names="different", count=9900, length=90),
    Spec("values and signs/full section", names="lists", count=990, length=100),
    Spec("/p", "letters", count=9900, length=100, names="bodies"),
    Spec("/no tag", "spaces", count=1, length=4 << 20),
    Spec("/value", "letters", count=19_000, length=200),
    Spec("/comment", "half", count=1, length=4 << 20),
]
TEXT_PAGES = [
    Spec("text/lines", "letters", count=990, length=480),
    Spec("text/lines", "two letters", count=990, length=480),
    Spec("text/lines", "marks", count=990, length=480),
    Spec("text/lines", "combining", count=990, length=480),
    Spec("text/lines", "shouts", count=4900, length=180),
    Spec("text/headings", "words", count=990, length=400),
    Spec("text/wrapped", "sentences", count=19_000, length=45),
    Spec("text/names", count=19_000),
    Spec("text/short", count=19_000),
    Spec("text/running", "words", count=9000, length=100),
    Spec("text/lines", "half", count=1, length=900_000),
    Spec("text/empty", count=4 << 20),
]


@dataclass(frozen=True)
class Measured:
    """What a request cost."""

    recipe: Recipe
    size: int
    seconds: float
    megabytes: float
    status: int
    answer: int
    said: str

    @property
    def accepted(self) -> bool:
        """Whether it was answered rather than refused."""
        return self.status < 400

    @property
    def cost(self) -> float:
        """1 at the nearer goal; a page that is refused has been read as far as one that is accepted."""
        seconds = GOAL_SECONDS if self.accepted or self.recipe.page else GOAL_REFUSED
        return max(self.seconds / seconds, self.megabytes / GOAL_MEGABYTES)


def measure(recipe: Recipe, *, portable: bool = False) -> Measured:
    """Ask in a process of its own."""
    asked = request_of(recipe)
    head = json.dumps({"method": asked.method, "target": asked.target, "headers": asked.headers, "kind": asked.kind})
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.worst.one_request", head],
        input=asked.body,
        capture_output=True,
        check=False,
        env=os.environ | {"BROADSHEET_PORTABLE": str(int(portable))},
    )
    if ended.returncode:
        said = f"failed: {ended.stderr.decode()[-200:]}"
        return Measured(recipe, len(asked.body), SLOWEST, 0, 599, 0, said)
    told = json.loads(ended.stdout)
    return Measured(
        recipe, len(asked.body), told["seconds"], told["megabytes"], told["status"], told["answer"], told["code"]
    )


def beginnings(call: str) -> Iterator[Recipe]:
    """What is tried of each call, whatever comes of it."""
    if CALLS[call].method == "GET":
        yield from (Recipe(call, head=head) for head in HEADS)
    elif call in SCORES:
        yield from (Recipe(call, (family,)) for family in FAMILIES)
        yield from (
            Recipe(call, ("letters apart",), ids=ids, id_of=of) for ids, of in ((3600, "letters"), (600, "quotes"))
        )
        yield from (Recipe(call, ("one letter apart",), half=True, escaped=escaped) for escaped in (False, True))
        yield Recipe(call, ("known words", "one letter apart", "accents apart", "emoji apart"), piece=20)
        if call == "score":
            yield from (Recipe(call, by_hand=name) for name in BY_HAND if name not in PAGES_BY_HAND)
            yield from (Recipe(call, ("control",), head=head) for head in HEADS if head != "plain")
    else:
        yield from (Recipe(call, page=spec) for spec in (TEXT_PAGES if "text" in call else HTML_PAGES))
        if call == "page, html":
            yield from (Recipe(call, by_hand=name) for name in PAGES_BY_HAND)


def changed(recipe: Recipe, dice: random.Random) -> Recipe:
    """The same request, but for one thing."""
    if recipe.page:
        return replace(recipe, page=_changed_page(recipe.page, dice))
    families, another = list(recipe.families), dice.choice(FAMILIES)
    place = dice.randrange(len(families))
    return dice.choice(
        [
            replace(recipe, families=(*families[:place], another, *families[place + 1 :])),
            replace(recipe, families=(*families, another)[-4:]),
            replace(recipe, families=tuple(families[:place] + families[place + 1 :]) or (another,)),
            replace(recipe, piece=dice.choice((1, 2, 3, 5, 10, 20, 50, 100, 499))),
            replace(recipe, length=min(500, max(1, int(recipe.length * dice.choice((0.7, 0.9, 0.98, 1.1, 2)))))),
            replace(recipe, ids=dice.choice((0, 10, 600, 2000, 3600)), id_of=another),
            replace(recipe, half=not recipe.half),
            replace(recipe, escaped=not recipe.escaped),
        ]
    )


def _changed_page(spec: Spec, dice: random.Random) -> Spec:
    """Another page of the same kind."""
    found = pages.changed(replace(spec, and_also=None), dice)
    return found if found.structure.startswith("text/") == spec.structure.startswith("text/") else spec


class Search:
    """The requests measured so far."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.known: dict[Recipe, Measured] = {}

    def try_out(self, recipe: Recipe) -> None:
        """Measure a request; of a page that is refused for its headlines, one with fewer."""
        for _ in range(3):
            if recipe in self.known:
                return
            one = self.known[recipe] = measure(recipe)
            if one.accepted or not recipe.page:
                return
            fewer = replace(recipe.page, count=max(1, min(recipe.page.count // 2, MOST_HEADLINES - 10)))
            recipe = replace(recipe, page=pages.smaller(recipe.page) if one.said == "page-too-large" else fewer)

    def climb(self, call: str) -> None:
        """Change one of a call's costliest requests."""
        best = [one for one in self.worst(call, accepted=True) if not one.recipe.by_hand and one.recipe.head == "plain"]
        self.try_out(changed(best[min(int(self.dice.expovariate(0.5)), len(best) - 1)].recipe, self.dice))

    def worst(self, call: str, *, accepted: bool) -> list[Measured]:
        """The costliest of a call, the accepted or the refused; one where recipes come to the same."""
        found = (one for one in self.known.values() if one.recipe.call == call and one.accepted is accepted)
        first: dict[str, Measured] = {}
        for one in sorted(found, key=lambda one: -one.cost):
            first.setdefault(described(one.recipe), one)
        return list(first.values())


def described(recipe: Recipe) -> str:
    """Say what a request is made of."""
    if recipe.by_hand:
        return recipe.by_hand
    if spec := recipe.page:
        names = f", names {spec.names}" if spec.names != "none" else ""
        return f"{spec.count:,} x `{spec.structure}` of {spec.length:,} {spec.text}{names}"
    head = f"head: {recipe.head}" if recipe.head != "plain" else ""
    if CALLS[recipe.call].method == "GET":
        return head or "as it is"
    each = f", {recipe.piece} each" if len(recipe.families) > 1 and recipe.piece < recipe.length else ""
    ids = f"ids of {recipe.ids:,} {recipe.id_of}" if recipe.ids else ""
    more = [ids, "half a pair" * recipe.half, "escaped" * recipe.escaped, head]
    return "; ".join([f"{recipe.count:,} x {recipe.length} {' + '.join(recipe.families)}{each}", *filter(None, more)])


def show(title: str, measured: Iterable[tuple[str, Measured]]) -> None:
    """Print what was found."""
    rows = [
        [
            name,
            described(one.recipe),
            f"{one.size:,}",
            f"{one.seconds:.3f}",
            f"{one.megabytes:.0f}",
            f"{one.answer:,}",
            f"{one.status} {one.said}".strip(),
        ]
        for name, one in measured
    ]
    sys.stdout.write(f"\n{title}:\n\n")
    if rows:
        print_table(["call", "what", "bytes", "CPU s", "MB", "answer, bytes", "status"], rows)
    sys.stdout.flush()


def _recipe(told: dict[str, object]) -> Recipe:
    page = told.pop("page", None)
    families = told.pop("families")
    made = Spec(**page) if isinstance(page, dict) else None
    return Recipe(**told, families=tuple(families), page=made)  # type: ignore[arg-type]


def searched(seconds: float, dice: random.Random, calls: Iterable[str]) -> Search:
    """Try out all beginnings, then climb from the worst of each call that has a body, in turn."""
    search, climbing = Search(dice), [call for call in calls if CALLS[call].method == "POST"]
    for call in calls:
        for recipe in beginnings(call):
            search.try_out(recipe)
    end = time.monotonic() + seconds
    while climbing and time.monotonic() < end:
        for call in climbing:
            search.climb(call)
    return search


def main() -> int:
    """Search, print the worst, and end with 1 if one is above the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="of searching, once all beginnings were measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--call", choices=CALLS, action="append", help="search this one alone")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the worst requests' recipes")
    parser.add_argument("--requests", type=Path, metavar="FILE", help="measure these recipes instead of searching")
    asked = parser.parse_args()
    if asked.requests:
        recipes = [_recipe(one) for one in json.loads(asked.requests.read_text())]
        show("measured again", [(one.call, measure(one)) for one in recipes])
        return 0
    calls = asked.call or list(CALLS)
    search = searched(asked.seconds, random.Random(asked.seed), calls)
    accepted = [
        one for call in calls for one in search.worst(call, accepted=True)[: 3 if call in SCORES + PAGES else 1]
    ]
    refused = [one for call in calls for one in search.worst(call, accepted=False)[:3]]
    sys.stdout.write(f"{len(search.known):,} requests\n")
    show("costliest that are accepted", [(one.recipe.call, one) for one in accepted])
    show("costliest to refuse", [(one.recipe.call, one) for one in refused])
    again = [one.recipe for call in SCORES for one in search.worst(call, accepted=True)[:8]]
    show(
        "with the portable scorer",
        sorted(((r.call, measure(r, portable=True)) for r in again), key=lambda p: -p[1].cost),
    )
    if asked.save:
        asked.save.write_text(json.dumps([asdict(one.recipe) for one in accepted + refused], indent=1))
    return int(any(one.cost > 1 for one in accepted + refused))


if __name__ == "__main__":
    sys.exit(main())
