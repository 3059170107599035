"""Which sets of headlines can be measured, and on which axes: each by itself, or together where one has one class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import LabelError
from model.judgement import AXES, Axis
from model.tables.lines import Form
from training.corpora import Corpus, Source, joined, read_corpora
from training.evaluate import has_both, measured_rows
from training.labels import Naming
from training.readers import ANY_FORM, OUR_NAMES, name_of


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """Headlines that are measured under one name, on the axes that they have both classes of."""

    name: str
    corpus: Corpus
    axes: Sequence[Axis]


def read_sets(
    paths: Iterable[Path], naming: Naming = OUR_NAMES, form: Form = ANY_FORM
) -> tuple[dict[str, Corpus], dict[str, Source]]:
    """Read labelled files, each a set by its name; of two files of one name, the folder tells the later."""
    corpora: dict[str, Corpus] = {}
    sources: dict[str, Source] = {}
    for path in paths:
        name = name_of(path)
        if name in corpora:
            name = f"{name_of(path.resolve().parent)}/{name}"
        while name in corpora:
            name += "'"
        corpora[name], (sources[name],) = read_corpora([path], naming=naming, form=form)
    return corpora, sources


def measured_sets(corpora: Mapping[str, Corpus]) -> tuple[list[MeasuredSet], list[str]]:
    """Give what can be measured, and in words what cannot be by itself; raise `LabelError` where nothing can be.

    Files that have one class of an axis each are pooled where they have both together.
    """
    usable = {name: measured_rows(corpus) for name, corpus in corpora.items()}
    axes = {name: [axis for axis in AXES if has_both(corpus, axis)] for name, corpus in usable.items()}
    single = {
        axis: [n for n, corpus in usable.items() if corpus.labelled(axis).any() and axis not in axes[n]]
        for axis in AXES
    }
    sets = [MeasuredSet(n, c, axes[n]) for n, c in usable.items() if axes[n] or c.read.any()]
    pools: dict[tuple[str, ...], list[Axis]] = {}
    notes = [
        f"{name}: not measured: no headline with a label is left" for name, one in usable.items() if not _says(one)
    ]
    for axis, names in single.items():
        together = joined(usable[name] for name in names) if len(names) > 1 else None
        if together is not None and has_both(together, axis):
            pools.setdefault(tuple(names), []).append(axis)
            notes.append(f"{', '.join(names)}: measured together on {axis}: each has headlines of one class only")
        else:
            notes += [f"{name}: not measured on {axis}: {_only(usable[name], axis)}" for name in names]
    sets += [MeasuredSet(" + ".join(names), joined(usable[n] for n in names), axes) for names, axes in pools.items()]
    if not sets:
        raise LabelError(f"nothing can be measured, expected headlines of both classes; {'; '.join(notes)}")
    return sets, notes


def learned_from(manifest: Mapping[str, Any], sources: Mapping[str, Source]) -> list[str]:
    """Say which sets a model learned from, by the hashes that its manifest has."""
    learned = {corpus.get("sha256"): corpus["name"] for corpus in manifest.get("corpora", [])}
    return [
        f"{name}: the model learned from this very file ({learned[source.sha256]}): its figures flatter"
        for name, source in sources.items()
        if source.sha256 in learned
    ]


def _only(corpus: Corpus, axis: Axis) -> str:
    rows = corpus.labelled(axis)
    side = f"{'' if corpus.target(axis)[rows][0] else 'not '}{axis}"
    return f"its only headline is {side}" if rows.sum() == 1 else f"all {rows.sum():,} headlines are {side}"


def _says(corpus: Corpus) -> bool:
    return any(corpus.labelled(axis).any() for axis in AXES)
