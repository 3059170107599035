"""A model or a headline that somebody crafted is refused, or scored as the reference scores it; nothing overflows."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.fuzz.collisions import colliding
from model.artefact import RECORD, Artefact, Head, load, save
from model.artefact.folder import COMMON_LONGEST, COMMON_MOST
from model.artefact.manifest import COMMON, MANIFEST
from model.errors import ArtefactError
from model.judgement import AXES, Thresholds
from model.scorer import Scorer
from model.scoring.compiled import Compiled, cutter, is_available
from model.scoring.portable import Portable
from model.terms.analyzer import LONGEST_PIECE, LONGEST_RUN, TermSettings
from model.terms.keys import keys_of, polynomials_of

if is_available():
    from model.scoring import _kernel

needs_kernel = pytest.mark.skipif(not is_available(), reason="needs the compiled scorer: a C compiler at installation")


DEFAULT_MODEL = load()


def model_of(terms: list[str], common: tuple[str, ...]) -> Artefact:
    """Make a model that knows every term, each with another weight."""
    weights = np.linspace(1, 2, len(terms))
    columns = {"idf": weights, "sensational": weights - 1.4, "clickbait": 1.7 - weights}
    heads = {axis: Head(0.25, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
    return Artefact.of(terms, columns, heads, TermSettings(), common)


@pytest.fixture(scope="module")
def long_word() -> str:
    """A word of 490 letters that has the polynomial of `the`."""
    word = colliding("the", 490)
    assert polynomials_of([word]) == polynomials_of(["the"])
    return word


def test_a_common_word_too_long_for_a_headlines_room_is_refused_when_the_model_is_loaded(
    long_word: str, tmp_path: Path
) -> None:
    """The crafted collision: its 2,000 n-grams would be counted in the room of those of a short word, many times."""
    terms = [*dict.fromkeys(TermSettings().analyze(f"{long_word} the"))]
    known = {int(key): term for key, term in zip(keys_of(terms), terms, strict=True)}  # the two words are one key
    save(model_of(list(known.values()), (long_word, "the")), tmp_path, {"name": "crafted"})
    with pytest.raises(ArtefactError, match=f"at most {COMMON_LONGEST} characters, a line each, got 2, the longest of"):
        load(tmp_path)


@needs_kernel
def test_the_kernel_itself_tells_the_crafted_word_from_the_short_one(long_word: str) -> None:
    """Whoever loads it: words are compared by their letters, and a known word's n-grams count as they would unknown."""
    terms = [*dict.fromkeys(TermSettings().analyze(f"{long_word} the"))]
    known = {int(key): term for key, term in zip(keys_of(terms), terms, strict=True)}
    artefact = model_of(list(known.values()), (long_word, "the"))
    for common in ((long_word, "the"), ("the", long_word), (long_word,)):
        prepared = Compiled(replace(artefact, common=common))
        for headline in ("the " * 125, f"{long_word} the the", long_word):
            expected = Compiled(replace(artefact, common=())).decision_function([headline])
            np.testing.assert_allclose(prepared.decision_function([headline]), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("portable", [pytest.param(False, marks=needs_kernel), True])
def test_a_short_collision_loads_and_is_scored_as_what_it_is(tmp_path: Path, portable: bool) -> None:
    """Forty letters are enough for one, so no limit of length keeps them out."""
    word = colliding("than", 40)
    settings = TermSettings(0, 0, (2, 5))
    terms = [*dict.fromkeys(term for term in settings.analyze(f"{word} than") if term[0] == "~")]
    save(replace(model_of(terms, (word, "than")), settings=settings), tmp_path, {"name": "crafted"})
    artefact = load(tmp_path)
    scorer = Scorer(artefact, portable=portable)
    expected = Portable(replace(artefact, common=()))
    for headline in ("than " * 100, f"{word} " * 12, f"{word} than {word}"):
        found = scorer.decision_function([headline])
        np.testing.assert_allclose(found, expected.decision_function([headline]), rtol=0, atol=1e-10)
        evidence = scorer.explain(headline)
        for axis, value in zip(AXES, found[0], strict=True):
            assert sum(getattr(span, axis) for span in evidence.spans) + 0.25 == pytest.approx(value, abs=1e-9)


@needs_kernel
@pytest.mark.parametrize("word", ["you", "exclusive", "the"])
def test_a_headlines_word_with_the_polynomial_of_a_rules_word_is_not_taken_for_it(word: str) -> None:
    """The rules' words are compared by their letters as well."""
    headline = f"Mayor says {colliding(word, 40)} is late"
    found = _kernel.terms(cutter(TermSettings()), headline)
    assert found is not None
    assert Counter(found) == Counter(TermSettings().analyze(headline))


@needs_kernel
@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("term", ["~_th", "~ing_", "=the *", "<question>"])
def test_a_word_with_a_terms_key_changes_no_other_headlines_score(portable: bool, term: str) -> None:
    """It is taken for a term of its own block, in its own headline; what is scored later is as before."""
    word = colliding(term, 40)
    headlines = ["Is the thing thriving or sinking?", f"The {word} is nothing", f"{word} thinking {word}?"]
    own = replace(DEFAULT_MODEL, common=("the",))
    expected = [Scorer(own, portable=not portable).decision_function([headline]) for headline in headlines]
    scorer = Scorer(own, portable=portable)
    for headline, value in [*zip(headlines, expected, strict=True), (headlines[0], expected[0])]:
        np.testing.assert_allclose(scorer.decision_function([headline]), value, rtol=0, atol=1e-10)
        evidence = scorer.explain(headline)
        for axis, each in zip(AXES, value[0], strict=True):
            total = evidence.bias[axis] + sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
            assert total == pytest.approx(each, abs=1e-9)


def signed(folder: Path, **changes: Any) -> None:
    """Change the manifest and sign it and its files again, as whoever makes a model can."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | changes
    manifest["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    manifest.pop("sha256")
    for _ in range(2):
        text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        manifest.setdefault("sha256", hashlib.sha256(text.encode()).hexdigest())
    (folder / MANIFEST).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": LONGEST_RUN + 1}, "words of the terms must be whole numbers from 0 to 16, got 17"),
        ({"words": -1}, "words of the terms"),
        ({"words": 10**30}, "words of the terms"),
        ({"skeleton": 10**9}, "skeleton of the terms must be whole numbers from 0 to 16"),
        ({"skeleton": 2.0}, "skeleton of the terms"),
        ({"skeleton": True}, "skeleton of the terms"),
        ({"chars": [2, LONGEST_PIECE + 1]}, "chars of the terms must be whole numbers from 1 to 16, got 17"),
        ({"chars": [0, 5]}, "chars of the terms"),
        ({"chars": [5, 2]}, "the shortest and the longest length"),
        ({"chars": [2]}, "the shortest and the longest length"),
        ({"chars": "25"}, "the shortest and the longest length"),
        ({"chars": None}, "the shortest and the longest length"),
    ],
)
def test_settings_that_would_cost_without_bound_are_refused(
    model_copy: Path, changes: dict[str, object], said: str
) -> None:
    """Named, with what is accepted: a length of a thousand million is a loop of as many steps."""
    terms = json.loads((model_copy / MANIFEST).read_text(encoding="utf-8"))["terms"]
    signed(model_copy, terms=terms | changes)
    with pytest.raises(ArtefactError, match=said):
        load(model_copy)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a\n" * (COMMON_MOST + 1), f"at most {COMMON_MOST} words"),
        ("x" * (COMMON_LONGEST + 1), f"at most {COMMON_LONGEST} characters"),
    ],
)
def test_common_words_have_limits(model_copy: Path, content: str, said: str) -> None:
    """Each is cut and remembered before the first verdict."""
    (model_copy / COMMON).write_text(content, encoding="utf-8")
    signed(model_copy)
    with pytest.raises(ArtefactError, match=said):
        load(model_copy)


def test_common_words_at_their_limits_load(model_copy: Path) -> None:
    """The limits themselves are accepted."""
    words = ["x" * COMMON_LONGEST, *map(str, range(10**6, 10**6 + COMMON_MOST - 1))]
    (model_copy / COMMON).write_text("\n".join(words), encoding="utf-8")
    signed(model_copy)
    assert load(model_copy).common == tuple(words)


@needs_kernel
@pytest.mark.parametrize("step", [1, 2**20])
def test_crowded_buckets_are_searched_right(step: int) -> None:
    """Keys that somebody chose next to one another, tens of thousands to a bucket, beside those of real terms."""
    headline = "Fury as NASA loses 12 buses, says mayor of Tokyo"
    keys = np.unique(keys_of(TermSettings().analyze(headline)))
    near = np.arange(-300, 300, dtype=np.int64).astype(np.uint64) * np.uint64(step)
    every = np.unique(keys[:, None] + near)
    weights = np.zeros(len(every), RECORD)
    weights["key"] = every
    for axis in ("idf", *AXES):
        weights[axis] = np.isin(every, keys)
    heads = {axis: Head(0.0, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
    crowded = Artefact(weights, heads, TermSettings(), tuple)
    sparse = replace(crowded, weights=weights[weights["idf"] > 0])
    found = [Compiled(artefact).decision_function([headline]) for artefact in (crowded, sparse)]
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-12)
    assert found[0].min() > 1


def _nothing(weights: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    return weights[:0]


def _one(weights: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    return weights[:1]


def _backwards(weights: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    return np.ascontiguousarray(weights[::-1])


def _twice(weights: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    return weights.repeat(2)


def _extreme(weights: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    changed = weights.copy()
    changed["key"][0] = 0
    changed["key"][-1] = 2**64 - 1
    for place, value in enumerate((np.nan, np.inf, -np.inf, 3e38, 0.0)):
        for name in ("idf", *AXES):
            changed[name][place::7] = value
    return changed


@needs_kernel
@pytest.mark.parametrize("change", [_nothing, _one, _backwards, _twice, _extreme])
def test_records_of_any_kind_are_scored_without_a_fault(
    scorer: Scorer, change: Callable[[npt.NDArray[np.void]], npt.NDArray[np.void]]
) -> None:
    """The kernel trusts no model; what comes out of one that `load` would refuse is of no matter."""
    weights = change(np.array(scorer.artefact.weights))
    engine = Compiled(replace(scorer.artefact, weights=weights))
    headlines = ["Fury as NASA loses 12 buses, says mayor", "it " * 166, "K" * 500] * 20
    assert engine.decision_function(headlines).shape == (60, 2)
    assert len(engine.explain(headlines)[1]) == 60
