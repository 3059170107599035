"""The portable scorer gives what the terms and the artefact say, whatever it remembers and whoever shares it."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.artefact import DEFAULT, Artefact, Head, load
from model.errors import HeadlineError
from model.judgement import AXES, Thresholds
from model.scoring.portable import Portable
from model.scoring.portable import memory as portable_memory
from model.terms.analyzer import BLOCKS, TermSettings, block_of
from model.terms.cleaning import check_headline
from model.terms.keys import keys_of
from model.terms.style import CLASS_OF

# Text thick with what the rules of cleaning, of tokens and of marks look for.
PIECES = [
    *"  '\"`’“”…–-|,.?!:;()[]&$%012İßñ\u0301\u200b\u00a0\n",
    *("the", "You", "WHY", "SHOCK", "NASA", "mum", "Mum's", "34,", ",", "(7)", "1,000", "1999", "...", " -- ", "''"),
    *(
        "I",
        "is",
        "as",
        "while",
        "Harbour",
        "&amp;",
        "&#39;",
        "&nbsp;",
        " - The Harbour News",
        "e",
        "E",
        "ee",
        "日本",
        "²",
    ),
]
odd = st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join)
text = st.one_of(odd, st.text(min_size=1, max_size=90), st.text("eE '", min_size=1, max_size=500))
visible = text.filter(lambda given: any(c.isalnum() for c in given) and len(given) <= 500)

Doubles = npt.NDArray[np.float64]


def reference(artefact: Artefact, headlines: Sequence[str]) -> Doubles:
    """Score as `docs` and `TermSettings.analyze` say, one term at a time."""
    return np.array([_reference(artefact, headline) for headline in headlines])


def _reference(artefact: Artefact, headline: str) -> Doubles:
    counts = Counter(artefact.settings.analyze(check_headline(headline)))
    keys = keys_of(list(counts))
    found = artefact.find(keys)
    blocks = np.array([block_of(term) for term in counts], dtype=np.int64)
    weights = np.where(found["key"] == keys, (1 + np.log([*counts.values()])) * found["idf"].astype(float), 0.0)
    squares = np.bincount(blocks, weights * weights, len(BLOCKS))
    numerators = np.column_stack([np.bincount(blocks, weights * found[axis], len(BLOCKS)) for axis in AXES])
    intercepts = [artefact.heads[axis].intercept for axis in AXES]
    scores: Doubles = (numerators / np.sqrt(np.maximum(squares, 1e-300))[:, None]).sum(axis=0) + intercepts
    return scores


def of_all_terms(headlines: Sequence[str], term_settings: TermSettings, seed: int = 0) -> Artefact:
    """Make an artefact that knows most terms of headlines, with random weights."""
    random = Random(seed)
    terms = sorted({term for headline in headlines for term in term_settings.analyze(headline)})
    terms = [term for term in terms if random.random() < 0.9]
    columns = {name: [random.uniform(0.5, 9) for _ in terms] for name in ("idf", *AXES)}
    heads = {axis: Head(0.25, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
    return Artefact.of(terms, columns, heads, term_settings)


@pytest.fixture(scope="module")
def default_model() -> Artefact:
    """The default model."""
    return load(DEFAULT)


@pytest.fixture(scope="module")
def expected(default_model: Artefact, headlines: list[str]) -> Doubles:
    """What the terms of the fixtures' headlines say, shape (n, 2)."""
    return reference(default_model, headlines)


@pytest.fixture(scope="module")
def shared(default_model: Artefact) -> Portable:
    """One scorer, whose memory fills from test to test."""
    return Portable(default_model)


@pytest.mark.parametrize("together", [1, 7, 100, 10_000])
def test_scores_are_those_of_the_terms(
    shared: Portable, headlines: list[str], expected: Doubles, together: int
) -> None:
    """On the fixtures, in batches of every size."""
    chosen = headlines[:150] if together == 1 else headlines
    batches = [chosen[start : start + together] for start in range(0, len(chosen), together)]
    scores = np.concatenate([shared.decision_function(batch) for batch in batches])
    np.testing.assert_allclose(scores, expected[: len(chosen)], rtol=0, atol=1e-12)


@given(given=st.lists(visible, min_size=1, max_size=12))
@example(["&nbsp;&#8203;.", "x", "&nbsp;"])
@example(["&nbsp;"])
@example(["'Stop: it,' (34) says Mum, 34, and dad, 35: 'I won't' and \"it's - the best\""])
@example([":", "a b c d e f: g", "the: a: b", "…" * 500, "İ" * 500, "e " * 250])
@settings(max_examples=120, deadline=None)
def test_scores_are_those_of_the_terms_on_any_text(default_model: Artefact, shared: Portable, given: list[str]) -> None:
    """Text that no newspaper would print."""
    np.testing.assert_allclose(shared.decision_function(given), reference(default_model, given), rtol=0, atol=1e-12)


SETTINGS = [TermSettings(), TermSettings(1, 2, (1, 3)), TermSettings(3, 5, (3, 6)), TermSettings(2, 1, (4, 4))]


@given(given=st.lists(visible, min_size=1, max_size=12), chosen=st.sampled_from(SETTINGS))
@settings(max_examples=80, deadline=None)
def test_scores_are_those_of_the_terms_when_nearly_all_are_known(given: list[str], chosen: TermSettings) -> None:
    """Every mark and n-gram of odd text has a weight of its own, under several settings."""
    artefact = of_all_terms(given, chosen)
    scores = Portable(artefact).decision_function(given)
    np.testing.assert_allclose(scores, reference(artefact, given), rtol=0, atol=1e-10)


def test_every_mark_of_style_is_scored(headlines: list[str]) -> None:
    """A model of marks alone, on headlines that carry all of them."""
    crafted = [
        f"{name} said: Mum, {age}, says 'it is {'so ' * age}good' (NASA) - {'SHOCK ' * (age % 3)}{'Bob ' * age}{end}"
        for age, name in enumerate(sorted(CLASS_OF)[:60])
        for end in ("?", "!", ":", ".", "...", "50%", "$5;", "'", "I")
    ]
    artefact = of_all_terms(crafted + headlines, TermSettings(0, 1, (9, 8)))
    assert {term[0] for term in artefact.terms} == {"<", "#"}
    for batch in (crafted + headlines, crafted[:5]):
        scores = Portable(artefact).decision_function(batch)
        np.testing.assert_allclose(scores, reference(artefact, batch), rtol=0, atol=1e-10)


def test_a_batch_gives_what_each_headline_gives_alone(default_model: Artefact, headlines: list[str]) -> None:
    """With an empty memory, with a full one, and across the chunks of a large batch."""
    scorer = Portable(default_model)
    together = scorer.decision_function(headlines * 4)
    alone = np.vstack([scorer.decision_function([headline]) for headline in headlines])
    np.testing.assert_allclose(together, np.tile(alone, (4, 1)), rtol=0, atol=1e-12)


def test_an_empty_model_gives_the_intercepts() -> None:
    """No term to find is no error."""
    scorer = Portable(of_all_terms([], TermSettings()))
    assert scorer.decision_function(["The bins are full", "x"]).tolist() == [[0.25, 0.25]] * 2
    assert scorer.decision_function([]).shape == (0, 2)


@pytest.mark.parametrize("bad", ["", " \n", "x" * 501, "\ud800", None])
def test_a_bad_headline_in_a_batch_is_refused_as_alone(shared: Portable, bad: object) -> None:
    """With the words of `check_headline`."""
    with pytest.raises(HeadlineError) as expected:
        check_headline(bad)
    with pytest.raises(HeadlineError) as refused:
        shared.decision_function(["A fine one", bad])  # type: ignore[list-item]  # what callers must not send
    assert str(refused.value) == str(expected.value)


def _random_words(random: Random, count: int) -> str:
    return " ".join("".join(random.choices("abcdefgh?,'5É", k=random.randint(1, 12))) for _ in range(count))


def test_random_words_do_not_grow_the_memory(default_model: Artefact, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full memory is started anew, never enlarged, and scores stay right across the change."""
    monkeypatch.setattr(portable_memory, "WORDS", 2_000)
    scorer, random, memories = Portable(replace(default_model, common=())), Random(5), set()
    for _ in range(60):
        batch = [_random_words(random, 12) for _ in range(20)]
        np.testing.assert_allclose(scorer.decision_function(batch), reference(default_model, batch), rtol=0, atol=1e-12)
        memory, _ = scorer.memory.recall([])
        assert len(memory.numbers) <= 2_000
        memories.add(id(memory.facts))
    assert len(memories) > 1


@pytest.mark.parametrize("bound", ["COLUMNS", "TOKENS", "LETTERS"])
def test_each_bound_of_the_memory_holds(default_model: Artefact, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Long words, known n-grams and words of many tokens are bounded too."""
    monkeypatch.setattr(portable_memory, bound, 9_000)
    scorer = Portable(replace(default_model, common=()))
    first, _ = scorer.memory.recall([])
    batch = ["?".join(f"the{number}{place}" for place in range(40)) for number in range(150)]
    for headline in batch:
        scorer.decision_function([headline])
    last, _ = scorer.memory.recall([])
    assert last is not first
    np.testing.assert_allclose(
        scorer.decision_function(batch[:9]), reference(default_model, batch[:9]), rtol=0, atol=1e-12
    )


def test_the_largest_chunk_of_new_words_fits_an_empty_memory(default_model: Artefact) -> None:
    """Headlines of single characters, and of tokens without a space, at the length that is allowed."""
    random = Random(6)
    letters = [chr(code) for code in range(0x4E00, 0x9FA5)]
    batch = [" ".join(random.sample(letters, 250)) for _ in range(400)]
    batch += ["?!" * 250, "İ" * 500, "…" * 500] * 100
    scores = Portable(default_model).decision_function(batch)
    chosen = [0, 199, 399, 400, 401, 402]
    expected = reference(default_model, [batch[place] for place in chosen])
    # what 250 repeats add is taken away again, so that rounding counts in their sum and not in what is left of it
    np.testing.assert_allclose(scores[chosen], expected, rtol=1e-12, atol=1e-12)


def test_threads_share_a_scorer(default_model: Artefact, monkeypatch: pytest.MonkeyPatch, headlines: list[str]) -> None:
    """Eight threads that fill one memory and start it anew many times get the numbers of one thread."""
    monkeypatch.setattr(portable_memory, "WORDS", 1_500)
    scorer, random = Portable(replace(default_model, common=())), Random(7)
    batches = [[*random.sample(headlines, 20), _random_words(random, 12)] for _ in range(160)]
    expected = [Portable(replace(default_model, common=())).decision_function(batch) for batch in batches[:20]]
    with ThreadPoolExecutor(8) as pool:
        scores = list(pool.map(scorer.decision_function, batches, timeout=60))
    for some, right in zip(scores[:20], expected, strict=True):
        np.testing.assert_allclose(some, right, rtol=0, atol=1e-12)
    for batch, some in zip(batches[20::20], scores[20::20], strict=True):
        np.testing.assert_allclose(some, reference(default_model, batch), rtol=0, atol=1e-12)
