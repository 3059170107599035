"""Training is honest about what it has seen, and gives the same model twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.artefact import load
from model.errors import LabelError
from model.judgement import AXES
from model.terms.analyzer import BLOCKS, block_of
from training.candidate import PIPELINES, Material, train
from training.corpora import Corpus, Source, read_corpora
from training.fit import fit
from training.folds import folds_of, parts_of
from training.heads import row_weights
from training.near_duplicates import near_duplicate_groups
from training.recipe import HeadRecipe, Penalty, Recipe
from training.vectorize import terms_of, vectorize


@pytest.fixture
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that draws none: most of its time on so few headlines. The small model's, and a walk's, are drawn."""
    monkeypatch.setattr("training.candidate.write_report", lambda path, *_: path.write_text("", encoding="utf-8"))


@pytest.mark.usefixtures("_without_pictures")
def test_the_same_data_and_seed_give_the_same_bytes_and_version(
    read: tuple[Corpus, list[Source]], small_model: Path, tmp_path: Path
) -> None:
    """A retrain that changes nothing is seen to change nothing."""
    again = train(Material(*read), tmp_path / "again", Recipe(), "other name", lambda _stage: None)
    assert again.version == load(small_model).version
    for name in ("weights.npy", "terms.txt.gz"):
        assert (tmp_path / "again" / name).read_bytes() == (small_model / name).read_bytes(), name


@pytest.mark.usefixtures("_without_pictures")
def test_another_seed_gives_another_version(
    read: tuple[Corpus, list[Source]], small_model: Path, tmp_path: Path
) -> None:
    """The folds decide the calibration, so the version must tell."""
    assert (
        train(Material(*read), tmp_path / "b", Recipe(seed=1), "b", lambda _stage: None).version
        != load(small_model).version
    )


def test_a_candidate_has_manifest_card_arrays_and_pipelines(small_model: Path) -> None:
    """And the manifest names the hash of every other file."""
    names = {path.name for path in small_model.iterdir()}
    assert names == {"manifest.json", "card.md", "report.html", "weights.npy", "terms.txt.gz", "common.txt", PIPELINES}
    assert set(load(small_model).manifest["files"]) == names - {"manifest.json"}


@pytest.mark.usefixtures("_without_pictures")
def test_a_candidate_records_its_figures_on_test_sets(
    read: tuple[Corpus, list[Source]], small_model: Path, tmp_path: Path
) -> None:
    """In manifest and card; measuring changes nothing of the model."""
    test = tmp_path / "unseen.csv"
    rows = "Dad FURIOUS over bins,sensational\nBank holds rates,measured\n"
    test.write_text("text,label\n" + 2 * rows, encoding="utf-8")
    made = train(
        Material(*read, {"unseen": read_corpora([test])[0]}), tmp_path / "c", Recipe(), "c", lambda _stage: None
    )
    metrics = load(tmp_path / "c").manifest["metrics"]
    assert list(metrics) == ["out of fold", "unseen"]
    assert (metrics["unseen"]["sensational"]["headlines"], metrics["unseen"]["sensational"]["positives"]) == (4, 2)
    assert "### unseen" in (tmp_path / "c" / "card.md").read_text(encoding="utf-8")
    assert made.version == load(small_model).version


def test_folds_share_neither_outlet_nor_near_duplicate(corpus: Corpus) -> None:
    """What is held out has not been seen in any form."""
    repeated = corpus[np.concatenate([np.arange(len(corpus)), np.arange(0, len(corpus), 5)])]
    renamed = np.array([f"copy of {p}" if n >= len(corpus) else p for n, p in enumerate(repeated.publisher)], object)
    repeated = replace(repeated, publisher=renamed)
    labelled = repeated[repeated.labelled("sensational")]
    groups = near_duplicate_groups(list(labelled.text))
    held_out = []
    for fitted, held in folds_of(labelled, groups, "sensational", Recipe()):
        assert not set(labelled.publisher[fitted]) & set(labelled.publisher[held])
        assert not set(groups[fitted]) & set(groups[held])
        held_out += list(held)
    assert sorted(held_out) == list(range(len(labelled)))


def test_rows_without_a_publisher_are_dealt_by_near_duplicates(corpus: Corpus) -> None:
    """Two edits of one headline are in the same part."""
    nameless = replace(corpus, publisher=np.full(len(corpus), "", dtype=object))
    groups = np.arange(len(corpus)) // 2
    parts = parts_of(nameless, groups)
    assert (parts[::2][: len(corpus) // 2] == parts[1::2]).all()
    assert len(set(parts)) == 50


def test_no_outlet_dominates(corpus: Corpus) -> None:
    """An outlet of n headlines weighs as the square root of n."""
    measured = corpus[corpus.tier == "measured"]
    rows = np.concatenate(
        [
            np.flatnonzero(measured.publisher == p)[:n]
            for p, n in (("The Harbour Record", 64), ("The Acacia Monitor", 16))
        ]
    )
    weight = row_weights(measured[rows], "sensational", Recipe())
    assert weight[:64].sum() == pytest.approx(2 * weight[64:].sum())
    assert weight.mean() == pytest.approx(1)


def test_less_certain_labels_weigh_what_the_recipe_says(corpus: Corpus) -> None:
    """Flagged and measured headlines of the wider circle have a weight each."""
    known = corpus[corpus.labelled("sensational")]
    recipe = Recipe(wider_positive=0.1, wider_negative=0.4, outlet_power=0)
    weight = row_weights(replace(known, circle=np.full(len(known), "wider", dtype=object)), "sensational", recipe)
    flagged, measured = weight[known.sensational == 1], weight[known.sensational == 0]
    assert np.allclose(flagged, flagged[0])
    assert np.allclose(measured, 4 * flagged[0])


def test_a_publishers_undated_headlines_weigh_what_the_recipe_says(corpus: Corpus) -> None:
    """They are of another era than the rest of their publisher's."""
    known = corpus[corpus.labelled("sensational")]
    half = np.arange(len(known)) % 2 == 0
    recipe = Recipe(heads={axis: HeadRecipe(Penalty(1.0), undated=0.25) for axis in AXES}, outlet_power=0)
    weight = row_weights(replace(known, date=np.where(half, "", known.date)), "sensational", recipe)
    assert np.allclose(weight[half], weight[~half][0] / 4)


def test_one_class_only_is_refused(corpus: Corpus) -> None:
    """The error names the axis and what came."""
    with pytest.raises(LabelError, match="sensational axis must have labelled headlines of both classes, got only neg"):
        fit(corpus[corpus.tier != "sensational"], Recipe())


def test_every_block_of_a_headline_has_norm_one(corpus: Corpus) -> None:
    """Long words blocks do not drown the marks of style."""
    vectorizer, x = vectorize(list(corpus.text), np.arange(len(corpus)) % 14, Recipe())
    blocks = np.array([block_of(term) for term in terms_of(vectorizer)])
    assert list(blocks) == sorted(blocks)
    for block in range(len(BLOCKS)):
        norms = np.sqrt((x[:, blocks == block] ** 2).sum(axis=1))
        assert np.allclose(norms[norms > 0], 1)


@pytest.mark.slow
def test_a_head_uses_only_the_blocks_that_its_recipe_allows(corpus: Corpus) -> None:
    """Everything else has a coefficient of exactly zero."""
    recipe = Recipe(heads={axis: HeadRecipe(Penalty(1.0), blocks=("words",), label_blocks=("words",)) for axis in AXES})
    fitted = fit(corpus, recipe)
    words = np.array([block_of(term) == 0 for term in terms_of(fitted.vectorizer)])
    for head in fitted.heads.values():
        assert (head.regression.coef_[0][~words] == 0).all()
        assert (head.regression.coef_[0][words] != 0).any()


@pytest.mark.slow
def test_ratings_decide_and_other_labels_are_a_prior(corpus: Corpus) -> None:
    """Raters who call the clickbait of other corpora measured, and the reverse, are believed."""
    half = np.arange(len(corpus)) % 2 == 0
    known = ~np.isnan(corpus.clickbait)
    against = np.where(half & known, 1 - corpus.clickbait, np.nan)
    contrary = replace(
        corpus,
        clickbait_mean=against,
        clickbait=np.where(half & known, 1 - corpus.clickbait, corpus.clickbait),
        publisher=np.where(half, "", corpus.publisher),
    )
    head = fit(contrary, Recipe()).heads["clickbait"]
    assert np.corrcoef(head.out_of_fold, contrary.clickbait[head.rows])[0, 1] > 0.5
    assert half[head.rows].all()


def test_terms_of_one_outlet_alone_are_dropped(corpus: Corpus) -> None:
    """They tell who printed a headline."""
    headlines = [
        f"{text} xylophone" if outlet == "Metro Blaze" else text
        for text, outlet in zip(corpus.text, corpus.publisher, strict=True)
    ]
    _, outlets = np.unique(corpus.publisher.astype(str), return_inverse=True)
    vectorizer, _ = vectorize(headlines, outlets, Recipe())
    assert "xylophone" not in set(terms_of(vectorizer))
