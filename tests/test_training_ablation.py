"""The ablation compares like with like, and its figures stay with the model."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from model.artefact import load, save
from model.judgement import AXES, Axis
from training import ablation
from training.ablation import SURFACE, WHOLE, Ablation, ablate, compared, thinned
from training.corpora import Corpus
from training.fit import Fitted, Prepared, fit_heads, prepare
from training.recipe import Recipe
from training.report import write_report

Cli = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.slow  # heads are fitted


@pytest.fixture(scope="module", autouse=True)
def _unthinned() -> Iterator[None]:
    """Leave rated headlines of the fixtures, an outlet's hundred, as they are."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ablation, "LARGEST_READ", 500)
        yield


@pytest.fixture(scope="module")
def fitted(corpus: Corpus) -> tuple[Prepared, Fitted]:
    """A model of the fixtures' headlines, every second of those that say something of clickbait rated by people."""
    rated = corpus.labelled("clickbait") & (np.arange(len(corpus)) % 2 == 0)
    truth = np.where(rated, 0.1 + 0.8 * corpus.clickbait, np.nan)
    prepared = prepare(replace(corpus, clickbait_mean=truth), Recipe())
    return prepared, fit_heads(prepared, Recipe())


@pytest.fixture(scope="module")
def found(fitted: tuple[Prepared, Fitted]) -> dict[Axis, Ablation]:
    """What the parts of that model are worth."""
    return ablate(*fitted, Recipe())


def test_every_block_that_a_head_uses_is_left_out_once(found: dict[Axis, Ablation]) -> None:
    """The prior too where there is one; the whole head comes first and the control last."""
    names = {axis: [part.name for part in one.parts] for axis, one in found.items()}
    assert names["sensational"] == [WHOLE, "without words", "without chars", "without style", SURFACE]
    blocks = [f"without {block}" for block in Recipe().heads["clickbait"].blocks]
    assert names["clickbait"] == [WHOLE, *blocks, "without the prior", SURFACE]


def test_with_nothing_thinned_the_whole_head_is_the_one_of_the_calibration(
    fitted: tuple[Prepared, Fitted], found: dict[Axis, Ablation]
) -> None:
    """The fixtures have fewer headlines of an outlet than the limit: the same rows and folds give the same scores."""
    prepared, heads = fitted
    for axis in AXES:
        head = heads.heads[axis]
        truth = prepared.corpus.target(axis)[head.rows]
        assert found[axis].headlines == len(head.rows)
        assert found[axis].parts[0].roc_auc.value == pytest.approx(roc_auc_score(truth, head.out_of_fold))


def test_the_same_headlines_and_seed_give_the_same_figures(
    fitted: tuple[Prepared, Fitted], found: dict[Axis, Ablation]
) -> None:
    """So that a retrain that changes nothing is seen to change nothing."""
    assert ablate(*fitted, Recipe()) == found


def test_areas_and_their_differences_are_scikit_learns() -> None:
    """With equal scores, which count half; the whole differs from itself by nothing."""
    random = np.random.default_rng(1)
    truth = (random.random(300) < 0.4).astype(float)
    scores = {"all": np.round(truth + random.normal(size=300), 1), "none": np.zeros(300)}
    whole, nothing = compared(truth, scores)
    assert whole.roc_auc.value == pytest.approx(roc_auc_score(truth, scores["all"]))
    assert whole.roc_auc.low < whole.roc_auc.value < whole.roc_auc.high
    assert whole.difference.as_list() == [0, 0, 0]
    assert nothing.roc_auc.as_list() == [0.5, 0.5, 0.5]
    assert nothing.difference.value == pytest.approx(0.5 - whole.roc_auc.value)


def test_large_outlets_are_thinned_and_small_ones_are_not(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each class of an outlet by itself, so that none is lost; what weighs nothing is not drawn."""
    monkeypatch.setattr(ablation, "LARGEST", 20)
    known = corpus[corpus.labelled("sensational")]
    known = replace(known, weight=(np.arange(len(known)) % 9 > 0).astype(float))
    few = thinned(known, "sensational", seed=0)
    for kind in {*zip(known.publisher, known.sensational, strict=True)}:
        own = (known.publisher == kind[0]) & (known.sensational == kind[1])
        assert few[own].sum() == min(20, (own & (known.weight > 0)).sum())
    assert not few[known.weight == 0].any()
    assert (few == thinned(known, "sensational", seed=0)).all()
    assert (few != thinned(known, "sensational", seed=1)).any()


def test_thinned_rows_are_measured_in_the_folds_of_the_calibration(
    fitted: tuple[Prepared, Fitted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No head is asked of a headline of an outlet that it was fitted on."""
    monkeypatch.setattr(ablation, "LARGEST", 15)
    prepared, heads = fitted
    one = ablate(prepared, heads, Recipe())["sensational"]
    kinds = {*zip(prepared.corpus.publisher, prepared.corpus.sensational, strict=True)}
    assert 100 < one.headlines <= 15 * len(kinds)
    assert 0.7 < one.parts[0].roc_auc.value <= 1


def test_a_candidate_keeps_its_ablation_for_later_reports(
    cli: Cli, small_model: Path, fixtures: Path, tmp_path: Path
) -> None:
    """In the manifest, from which `evaluate --report` draws the same table as training did."""
    kept = load(small_model).manifest["ablation"]["axes"]["sensational"]["parts"]
    assert [part["name"] for part in kept][:2] == [WHOLE, "without words"]
    later = tmp_path / "later.html"
    data = ("--data", fixtures / "headlines.csv", "--report", later)
    assert cli("evaluate", "--model", small_model, *data)[0] == 0
    tables = [tables_of(path) for path in (small_model / "report.html", later)]
    assert tables[0] == tables[1]
    assert len(tables[0]) == len(AXES)
    low, high = kept[1]["roc_auc"][1:]
    assert f"{low:.3f}–{high:.3f}" in tables[0][0]


def tables_of(page: Path) -> list[str]:
    """Give the ablation tables of a report."""
    return re.findall(r'<h4 id="\w+-ablation">.*?</table>', page.read_text(encoding="utf-8"), re.S)


def test_a_model_without_an_ablation_has_no_table(small_model: Path, tmp_path: Path) -> None:
    """Models of before; the version, which comes from the arrays, is the same with it and without."""
    artefact = load(small_model)
    record = {key: artefact.manifest[key] for key in ("name", "created", "seed", "rule", "corpora")}
    write_report(tmp_path / "report.html", artefact, record, [])
    assert not tables_of(tmp_path / "report.html")
    (tmp_path / "older").mkdir()
    save(artefact, tmp_path / "older", record)
    assert load(tmp_path / "older").version == artefact.version
