"""The evaluation report: one file that quotes no headline, shows every figure, and is the same each time."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib
import numpy as np
import pytest

from model.judgement import AXES, Axis, Thresholds
from model.plain import plain
from model.scorer import Scorer
from training.corpora import Corpus
from training.metrics import Estimate, measure
from training.plots.curves import MOST_POINTS, precision_recall, reliability, roc, thinned, wilson
from training.plots.picture import PALETTE
from training.plots.publishers import MOST, density, publishers, spreads_of
from training.plots.terms import readable, strongest_terms, terms
from training.report import ScoredSet, readable_metric, save_pictures, write_report
from training.slices import SMALLEST, slices_of, worst_mistakes

UPPER = 0.6
THRESHOLDS = Thresholds(0.3, UPPER)
HOSTILE = '<script>alert("$x$")</script> & Söhne 日報'


def strings(values: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Give strings as a column."""
    return np.array(values, dtype=object)


def made(
    by_publisher: dict[str, tuple[int, float, float]], name: str = "made up", axis: Axis = "sensational"
) -> ScoredSet:
    """Make a set from publisher -> (headlines, truth, centre of its probabilities), spread evenly by 0.1 each way."""
    truth = np.concatenate([np.full(n, float(label)) for n, label, _ in by_publisher.values()] or [np.zeros(0)])
    spread = [np.linspace(centre - 0.1, centre + 0.1, n) for n, _, centre in by_publisher.values()]
    probability = np.clip(np.concatenate(spread or [np.zeros(0)]), 0, 1)
    count = len(truth)
    both = 0 < truth.sum() < count
    return ScoredSet(
        name=name,
        axis=axis,
        truth=truth,
        probability=probability,
        ids=strings([f"made:{row}" for row in range(count)]),
        publisher=strings([publisher for publisher, (n, _, _) in by_publisher.items() for _ in range(n)]),
        year=strings([("2019", "2020", "")[row % 3] for row in range(count)]),
        words=np.arange(count) % 20,
        title_case=np.arange(count) % 5 == 0,
        figures=measure(truth, probability, UPPER) if both else {},
        control={"roc_auc": Estimate(0.51234, 0.41239, 0.61238)} if both else {},
    )


@pytest.fixture(scope="module")
def real(scorer: Scorer, corpus: Corpus) -> list[ScoredSet]:
    """The fixtures' headlines, judged on each axis by a really trained small model."""
    return [scored_by(scorer, corpus[corpus.labelled(axis)], axis) for axis in AXES]


def scored_by(scorer: Scorer, corpus: Corpus, axis: Axis) -> ScoredSet:
    """Judge labelled headlines on one axis."""
    probability = scorer.predict_proba(list(corpus.text))[:, AXES.index(axis)]
    truth = corpus.target(axis)
    return ScoredSet(
        name="fixtures",
        axis=axis,
        truth=truth,
        probability=probability,
        ids=strings([f"headlines:{row}" for row in range(len(corpus))]),
        publisher=corpus.publisher,
        year=strings([date[:4] for date in corpus.date]),
        words=np.array([len(text.split()) for text in corpus.text]),
        title_case=np.array([text.istitle() for text in corpus.text]),
        figures=measure(truth, probability, scorer.artefact.heads[axis].thresholds.upper),
        control=measure(truth, np.full(len(truth), truth.mean()), 0.5),
    )


@pytest.fixture(scope="module")
def page(scorer: Scorer, real: list[ScoredSet], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of the fixtures' headlines."""
    return report_of(scorer, real, tmp_path_factory.mktemp("report"))


def report_of(scorer: Scorer, sets: Sequence[ScoredSet], folder: Path) -> str:
    """Write a report and read it."""
    write_report(folder / "report.html", scorer.artefact, scorer.artefact.manifest, sets)
    return (folder / "report.html").read_text(encoding="utf-8")


def text_of(page: str) -> str:
    """Give a page's text without its tags, in single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_report_is_one_file_that_asks_nothing_of_a_network(page: str) -> None:
    """No address, script, style sheet or image outside the page; inner links lead to a place that is there."""
    assert not re.search(r"https?:|//[a-z]|<script|<link|@import|\bsrc=|url\((?!#)", page)
    for target in re.findall(r'href="([^"]*)"', page):
        assert target.startswith("#")
        assert f'id="{target[1:]}"' in page


def test_a_report_says_which_model_it_is_about(scorer: Scorer, page: str) -> None:
    """Name, version, date, the rule of the thresholds, both thresholds of both heads, and what is not measured."""
    text = text_of(page)
    manifest = scorer.artefact.manifest
    for said in (manifest["name"], scorer.version, manifest["created"], " ".join(manifest["rule"].split()), "true"):
        assert said in text
    for head in scorer.artefact.heads.values():
        assert f"{head.thresholds.lower:.4f} {head.thresholds.upper:.4f}" in text


def test_every_figure_stands_with_its_interval_beside_the_control(real: list[ScoredSet], page: str) -> None:
    """Value, low and high of each metric, then the control's, in one row under the metric's name."""
    text = text_of(page)
    for scored in real:
        for name, found in scored.figures.items():
            both = [f"{e.value:.3f} {e.low:.3f}–{e.high:.3f}" for e in (found, scored.control[name])]
            assert re.search(f"{re.escape(readable_metric(name))}( less is better)? {both[0]} {both[1]}", text)


def test_a_control_without_a_figure_says_so(scorer: Scorer, tmp_path: Path) -> None:
    """Metrics may grow on one side first."""
    scored = made({"A": (40, 1, 0.8), "B": (40, 0, 0.2)})
    assert page_row(report_of(scorer, [scored], tmp_path), "Average precision").endswith("not measured")


def page_row(page: str, name: str) -> str:
    """Give the text of the table row with this heading."""
    return next(text for row in re.findall(r"<tr>.*?</tr>", page, re.S) if (text := text_of(row)).startswith(name))


def test_no_headline_is_quoted(corpus: Corpus, page: str) -> None:
    """Neither as it stands nor in lower case: headlines are named by id."""
    said = unescape(page).casefold() + text_of(unescape(page)).casefold()
    assert [text for text in corpus.text if text.casefold() in said] == []
    assert "headlines:" in said


def test_the_same_input_gives_the_same_bytes(scorer: Scorer, real: list[ScoredSet], page: str, tmp_path: Path) -> None:
    """So that a retrain's report is a reviewable change."""
    assert report_of(scorer, real, tmp_path) == page
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_picture_is_the_same_whatever_matplotlib_was_told() -> None:
    """A user's own settings change neither its bytes, nor does drawing change them."""
    scored = made({"A": (40, 1, 0.8), "B": (40, 0, 0.2)})
    with matplotlib.rc_context({"font.size": 20, "svg.fonttype": "path", "lines.linewidth": 9}):
        told = roc(scored, UPPER, "r")
        assert matplotlib.rcParams["font.size"] == 20
    assert told == roc(scored, UPPER, "r")


def test_a_report_of_twenty_thousand_headlines_stays_below_three_megabytes(scorer: Scorer, tmp_path: Path) -> None:
    """Curves are thinned and distributions summed up, so that size does not follow the headlines."""
    big = made({f"Publisher {n}": (250, n % 2, 0.1 + n / 100) for n in range(80)})
    page = report_of(scorer, [big], tmp_path)
    assert len(big) == 20_000
    assert len(page.encode()) < 3_000_000


def test_saved_pictures_are_the_reports_and_stand_alone(
    scorer: Scorer, real: list[ScoredSet], page: str, tmp_path: Path
) -> None:
    """Each is well-formed SVG with words for those who cannot see it, and none writes over another."""
    paths = save_pictures(tmp_path / "pictures", scorer.artefact, real)
    assert len(set(paths)) == len(paths) == page.count("<svg")
    for path in paths:
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  # our own picture
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("aria-label")
        assert path.suffix == ".svg"


def test_every_picture_in_a_report_has_alternative_text(page: str) -> None:
    """As an image with a label."""
    assert page.count("<svg") == len(re.findall(r'<svg role="img" aria-label="[^"]{20,}"', page))


def test_pictures_take_their_colours_from_the_page(page: str) -> None:
    """So that they turn dark with it; every colour has a dark one."""
    body = page[page.index("</style>") :]
    assert re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", body) == []
    for name, colour in PALETTE.items():
        assert page.count(f"--{name}: ") == 2
        assert f"--{name}: {colour};" in page


@pytest.mark.parametrize("name", ["ink", "faint", "measured", "flagged", "mixed"])
def test_colours_have_enough_contrast_on_paper(name: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    assert (luminance(PALETTE["paper"]) + 0.05) / (luminance(PALETTE[name]) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Give the relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_publishers_stand_by_median_highest_on_top() -> None:
    """In the order and in the picture; those of few headlines are left out."""
    scored = made({"Low": (40, 0, 0.2), "High": (50, 1, 0.8), "Few": (SMALLEST - 1, 1, 0.9), "Middle": (30, 0, 0.5)})
    spreads = spreads_of(scored)
    assert [(spread.publisher, spread.side) for spread in spreads] == [
        ("High", "flagged"),
        ("Middle", "measured"),
        ("Low", "measured"),
    ]
    assert [spread.median for spread in spreads] == pytest.approx([0.8, 0.5, 0.2])
    drawn = publishers(scored, THRESHOLDS, "p")
    assert drawn is not None
    height = {name: text_height(drawn.svg, name) for name in ("High", "Middle", "Low")}
    assert height["High"] < height["Middle"] < height["Low"]
    assert {"50", "30", "40"} <= set(re.findall(r">([^<>]+)</text>", drawn.svg))


def text_height(svg: str, text: str) -> float:
    """Give how far below the picture's top a text stands."""
    found = re.search(rf"<text [^>]*?translate\([\d.]+ ([\d.]+)\)[^>]*>{re.escape(text)}</text>", svg)
    found = found or re.search(rf'<text [^>]*? y="([\d.]+)"[^>]*>{re.escape(text)}</text>', svg)
    assert found, text
    return float(found[1])


def test_a_publisher_labelled_both_ways_is_neither_side() -> None:
    """It is coloured apart."""
    scored = made({"A": (30, 1, 0.8), "B": (30, 0, 0.2)})
    scored.publisher[:] = "Both"
    assert [spread.side for spread in spreads_of(scored)] == ["mixed"]


def test_only_the_largest_publishers_are_drawn() -> None:
    """A picture of hundreds of ridges says nothing."""
    scored = made({f"P{n}": (SMALLEST + n, n % 2, 0.5) for n in range(MOST + 5)})
    assert {spread.publisher for spread in spreads_of(scored)} == {f"P{n}" for n in range(5, MOST + 5)}


def test_without_publishers_there_is_no_picture_of_them() -> None:
    """Webis-17 and Stop Clickbait name few or none."""
    assert publishers(made({"": (60, 1, 0.8)}), THRESHOLDS, "p") is None


def test_a_density_is_highest_where_the_headlines_are() -> None:
    """Also at the ends, where a plain kernel would lose half of the mass."""
    assert np.argmax(density(np.full(50, 0.305))) == 30
    for end, step in ((0.0, 0), (1.0, 99)):
        assert np.argmax(density(np.full(50, end))) == step
    assert density(np.linspace(0, 1, 1000)) == pytest.approx(np.ones(100), abs=0.15)


def test_slices_hold_every_headline_once() -> None:
    """The headlines of each cut add up to the set, and so do the labelled and the flagged ones."""
    scored = made(
        {"A": (100, 1, 0.6), "B": (45, 0, 0.5), "Few": (7, 0, 0.7), "Also few": (3, 1, 0.1), "": (11, 0, 0.6)}
    )
    cuts = slices_of(scored, UPPER)
    assert list(cuts) == ["Publisher", "Length", "Year", "Case"]
    for slices in cuts.values():
        assert sum(part.headlines for part in slices) == len(scored)
        assert sum(part.headlines * part.labelled for part in slices) == pytest.approx(scored.truth.sum())
        flagged = (scored.probability >= UPPER).sum()
        assert sum(part.headlines * part.flagged for part in slices) == pytest.approx(flagged)
    names = [part.name for part in cuts["Publisher"]]
    assert names == ["A", "B", f"(2 with fewer than {SMALLEST} each)", "(unknown)"]


def test_lengths_are_cut_where_they_say() -> None:
    """At 7, 11 and 15 words."""
    scored = made({"A": (20, 1, 0.5)})  # 0-19 words
    counts = {part.name: part.headlines for part in slices_of(scored, UPPER)["Length"]}
    assert counts == {"1–7 words": 8, "8–11 words": 4, "12–15 words": 4, "16 words and more": 4}


def test_a_slice_has_a_roc_auc_only_where_both_classes_are() -> None:
    """A publisher is of one class, and every positive of this set outranks every negative."""
    cuts = slices_of(made({"A": (40, 1, 0.8), "B": (40, 0, 0.2)}), UPPER)
    assert [part.roc_auc for part in cuts["Publisher"]] == [None, None]
    assert [part.roc_auc for part in cuts["Case"]] == [1.0, 1.0]


@pytest.mark.parametrize("label", [0, 1])
def test_a_set_of_one_class_is_reported_without_curves(label: int, scorer: Scorer, tmp_path: Path) -> None:
    """What can be said is said."""
    page = report_of(scorer, [made({"A": (40, label, 0.5)})], tmp_path)
    assert "one class only" in page
    assert "Reliability in" in page
    assert "ROC curve" not in page


@pytest.mark.parametrize("sets", [[], [made({})], [made({"A": (1, 1, 0.5)})]], ids=["no set", "empty", "one headline"])
def test_next_to_nothing_can_be_reported(sets: list[ScoredSet], scorer: Scorer, tmp_path: Path) -> None:
    """An axis without a set says so."""
    assert "Not measured on this axis" in report_of(scorer, sets, tmp_path)


def test_hostile_names_are_text(scorer: Scorer, tmp_path: Path) -> None:
    """Publishers, ids and set names come from files of others: in tables, pictures and alternative text."""
    scored = made({HOSTILE: (40, 1, 0.4), "B": (40, 0, 0.7)}, name="<b>set</b>/../x")
    scored.ids[:] = "<img src=x onerror=alert(1)>"
    page = report_of(scorer, [scored], tmp_path)
    assert not re.search("<script|<img|<b>set", page)
    assert "&lt;script&gt;" in page
    assert "&lt;img src=x" in page
    paths = save_pictures(tmp_path / "pictures", scorer.artefact, [scored])
    assert {path.parent for path in paths} == {tmp_path / "pictures"}
    for path in paths:
        ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  # our own picture


def test_dollar_signs_in_a_name_are_not_mathematics() -> None:
    """Matplotlib would set what stands between two of them as a formula."""
    drawn = publishers(made({"The $x_1$ Post": (30, 1, 0.5)}), THRESHOLDS, "p")
    assert drawn is not None
    assert ">The $x_1$ Post</text>" in drawn.svg


def test_mistakes_are_the_costliest_on_the_wrong_side_of_the_threshold() -> None:
    """Of 0.55-0.65 labelled 0, those from 0.6; of 0.5-0.7 labelled 1, those below; at most as many as asked for."""
    scored = made({"A": (21, 0, 0.6), "B": (21, 1, 0.6)})
    alarms, missed = worst_mistakes(scored, UPPER, most=3)
    assert [mistake.id for mistake in alarms] == ["made:20", "made:19", "made:18"]
    assert [mistake.id for mistake in missed] == ["made:21", "made:22", "made:23"]
    assert alarms[0].loss == pytest.approx(-np.log(1 - 0.7))
    assert missed[0].loss == pytest.approx(-np.log(0.5))
    everything = worst_mistakes(scored, UPPER, most=99)
    assert all(mistake.probability >= UPPER for mistake in everything[0])
    assert all(mistake.probability < UPPER for mistake in everything[1])
    assert sum(map(len, everything)) == ((scored.probability >= UPPER) != scored.truth).sum()


def test_certain_mistakes_have_a_finite_loss() -> None:
    """A probability of exactly 1 for what is labelled 0."""
    scored = made({"A": (1, 0, 0.9)})
    scored.probability[:] = 1.0
    assert worst_mistakes(scored, UPPER)[0][0].loss == pytest.approx(15 * np.log(10))


def test_curves_mark_the_shipped_threshold() -> None:
    """Of 4 labelled, 3 are flagged; of 4 others, 1: recall 75 %, false alarms 25 %, precision 75 %."""
    scored = made({"A": (4, 1, 0.5), "B": (4, 0, 0.5)})
    scored.probability[:] = [0.9, 0.8, 0.7, 0.1, 0.75, 0.3, 0.2, 0.1]
    assert "recall 75.0% at 25.0% false alarms" in roc(scored, UPPER, "r").alt
    assert "precision 75.0% at recall 75.0%; a guess would have 50.0%" in precision_recall(scored, UPPER, "p").alt
    assert "no headline is flagged" in precision_recall(scored, 0.95, "p").alt
    assert "threshold 0.600" in roc(scored, UPPER, "r").svg


def test_reliability_says_how_many_headlines_are_in_a_bin() -> None:
    """50 headlines in 15 bins are 3 or 4 in each; 5 headlines are 5 bins of one."""
    assert "15 bins of 3–4 headlines" in reliability(made({"A": (25, 1, 0.8), "B": (25, 0, 0.2)}), "r").svg
    assert "5 bins of 1 headlines" in reliability(made({"A": (5, 1, 0.8)}), "r").alt


def test_thinning_keeps_both_ends_of_a_curve() -> None:
    """And no more points than can be seen; a short curve stays whole."""
    x = np.arange(20_000.0)
    kept, same = thinned(x, x)
    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, 19_999)
    assert (kept == same).all()
    assert (thinned(x[:7], x[:7])[0] == x[:7]).all()


def test_wilsons_interval_is_the_published_one() -> None:
    """None of 10 gives 0 to z² / (10 + z²), and half of n is symmetric about a half."""
    low, high = wilson(np.array([0.0, 0.5]), np.array([10, 40]))
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[0] == pytest.approx(1.96**2 / (10 + 1.96**2))
    assert low[1] + high[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("slams into", "“slams into”"),
        ("~_slam", "letters _slam"),
        ("<shout 1>", "mark: shout 1"),
        ("=| 00 *", "skeleton | 00 *"),
        ("#names 3", "form: names 3"),
    ],
)
def test_terms_read_as_prose(term: str, said: str) -> None:
    """Each block of terms has its own way of being named."""
    assert readable(term) == said


def test_the_strongest_terms_are_those_of_largest_coefficient_times_idf(scorer: Scorer) -> None:
    """Strongest first, of one sign, and no term left out is stronger."""
    artefact = scorer.artefact
    for axis in AXES:
        weights = artefact.weights[axis].astype(float) * artefact.weights["idf"]
        for sign in (1, -1):
            found = [weight for _, weight in strongest_terms(artefact, axis, sign)]
            assert found == sorted(weights, key=lambda weight: -sign * weight)[: len(found)]
            assert all(sign * weight > 0 for weight in found)


def test_the_chart_of_terms_names_them(scorer: Scorer) -> None:
    """All of them, in the picture's own text."""
    drawn = terms(scorer.artefact, "clickbait", 1, "t")
    assert drawn is not None
    labels = {text.text for text in ET.fromstring(drawn.svg).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314
    assert {readable(term) for term, _ in strongest_terms(scorer.artefact, "clickbait", 1)} <= labels


STEERING = [
    "\x1b[31mred",
    "a\0b",
    "\x85",
    "\u202eback",
    "a\u2028b",
    "\ufffe",
    "$x^2$",
    "$\\frac{",
    "]]>",
    "{{ 7 * 7 }}",
    "%s",
]


@pytest.mark.parametrize("name", STEERING, ids=ascii)
def test_names_in_pictures_are_text_that_xml_knows(name: str) -> None:
    """Controls are no characters of XML: one in a publisher's name would break the picture, and the page."""
    picture = publishers(made({f"Herald {name}": (40, 1, 0.7), "Other": (40, 0, 0.3)}), THRESHOLDS, "p")
    assert picture
    root = ET.fromstring(picture.svg)  # noqa: S314  # our own
    said = [text for one in root.iter() if (text := (one.text or "").strip())]
    assert f"Herald {plain(name)}".strip() in said
    assert f"Herald {plain(name)}" in root.attrib["aria-label"]


def test_a_model_that_says_little_of_itself_has_a_report(scorer: Scorer, tmp_path: Path) -> None:
    """One that was made by hand has neither name nor seed, and corpora without a hash."""
    write_report(tmp_path / "report.html", scorer.artefact, {"corpora": [{"name": "x", "rows": 7}]}, [])
    assert "unknown" in (tmp_path / "report.html").read_text()
