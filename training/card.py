"""The model card: what a model is for, what it learned from, how well it does, and what it must not be used for."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from model.artefact import Artefact
from model.plain import many, plain
from training.verdicts import MEANING

OUT_OF_FOLD = "out of fold"

# What Markdown, its tables and GitHub's links of their own read as anything but itself; `_` counts at a word's edge.
_MARKUP = re.compile(r"[\\`*\[\]{}|~#!$@^=+]|:(?=\S)|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.", re.IGNORECASE)

_READ = """\
- Titles of one or two words were hardly ever rated (one of 138,449): no verdict on them is to be trusted. Questions are
  flagged nearly always: readers call nearly all of them slightly clickbait, few clearly.
- Out of fold, an encoder's marks on other headlines were made with ratings of those held out, if it marked any.
"""
_TEMPLATE = """# Model card: {name}, version {version}

Tells measured news headlines from sensational (tabloid tone) and clickbait (withheld payoff) ones, in English.
TF-IDF over word and character n-grams and marks of style, and one calibrated logistic regression an axis.

## Intended use

Sorting and marking up headlines for readers, editors and researchers. It judges how a headline is written. It does
**not** measure whether a headline or its article is true, fair or important, and no decision about a person or an
outlet should rest on it alone.

## Data

| corpus | rows | SHA-256 |
|---|---|---|
{corpora}

Left out, as empty or longer than a headline: {rows_left_out}. Created {created}, seed {seed}.
{base}{notes}
## Figures

In brackets: 95 % bootstrap interval over headlines. Out of fold: each headline was scored by heads that had seen
neither it, nor its publisher where that is known, nor a near-duplicate of it. Other sets were not trained on. Precision
at base rate 0.2 is that of a flag where one headline in five is sensational, or clickbait; other figures are at the
set's own rate.

{metrics}

## Verdicts, held against readers
{verdicts}
## Thresholds

{rule}

| axis | lower | upper |
|---|---|---|
{thresholds}

## Limits

{read}- Where a corpus has labels by publisher alone, a tabloid's measured headlines counted as sensational, and the
  reverse.
- English only; mostly outlets of the United Kingdom, the United States, India and Australia, 2010-2026. Headlines from
  elsewhere, and names, places and topics common in them, may be judged worse. It may be unfair to outlets that cover
  crime, celebrities or sport soberly, since tabloids print more of these.
- A probability is calibrated to the mix that the rule states, or where only labels were given to that of the data.
  Where sensational or clickbait headlines are rarer, fewer of the flagged ones are rightly flagged.
"""


def card(artefact: Artefact, record: Mapping[str, Any]) -> str:
    """Give the card as Markdown, from what the manifest will say."""
    return _TEMPLATE.format(
        version=artefact.version,
        name=as_markdown(record["name"]),
        corpora="\n".join(
            f"| {as_markdown(c['name'])} | {c['rows']:,} | `{c['sha256'][:16]}…` |" for c in record["corpora"]
        ),
        metrics="\n\n".join(
            f"### {as_markdown(name)}\n\n{figures_table(by)}" for name, by in record["metrics"].items()
        ),
        verdicts=_verdicts(record.get("verdicts", {})),
        thresholds="\n".join(
            f"| {axis} | {head.thresholds.lower:.4f} | {head.thresholds.upper:.4f} |"
            for axis, head in artefact.heads.items()
        ),
        base=_base(record.get("base")),
        notes=_notes(record.get("notes", [])),
        read=_READ if "rubric" in record["rule"] else "",
        **{key: record[key] for key in ("rows_left_out", "created", "seed", "rule")},
    )


def _base(record: Mapping[str, Any] | None) -> str:
    if not record:
        return ""
    learned = (
        ", ".join(f"{as_markdown(one['name'])} ({many(one['rows'], 'row')})" for one in record["corpora"]) or "unknown"
    )
    model = f"model {as_markdown(record['name'])}, version {record['version']}"
    return (
        f"\nThe {record['axis']} axis was not learned from these, which have no two classes of it: it is that of "
        f"{model}, with its terms, calibration and thresholds, as it is there. That learned from: {learned}.\n"
    )


def _notes(lines: Sequence[str]) -> str:
    return "".join(f"\n- {as_markdown(line)}" for line in lines) + "\n" if lines else ""


def _verdicts(by_set: Mapping[str, Mapping[str, Any]]) -> str:
    if not by_set:
        return "\nNot measured: no set had headlines that readers rated on both axes.\n"
    tables = "\n\n".join(f"### {as_markdown(name)}\n\n{figures_table({'share': by})}" for name, by in by_set.items())
    return f"\n{MEANING}\n\n{tables}\n"


def as_markdown(text: str) -> str:
    """Give text that Markdown shows as it is, on one line: a name is whatever a file or a person has given."""
    line = " ".join(plain(text).split())
    return escape(_MARKUP.sub(r"\\\g<0>", line), quote=False)


def figures_table(by_axis: Mapping[str, Mapping[str, Any]]) -> str:
    """Give figures as a Markdown table, a row each and a column an axis."""
    axes = list(by_axis)
    names = list(dict.fromkeys(name for figures in by_axis.values() for name in figures))
    head = ["| figure | " + " | ".join(axes) + " |", "|---|" + "---|" * len(axes)]
    return "\n".join(head + [f"| {n} | " + " | ".join(_cell(by_axis[a].get(n)) for a in axes) + " |" for n in names])


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]"
    return "" if value is None else f"{value:,}"
