"""The portable scorer's evidence: the occurrences of known terms, and what each adds to the words it stands on."""

from typing import NamedTuple

import numpy as np

from model.judgement import AXES, Axis, Evidence, Span
from model.scoring.portable.located import STYLE, LocatedMarks
from model.scoring.portable.memory import Pairs, ranges
from model.scoring.portable.rows import Found
from model.scoring.portable.terms import Doubles, FoldedTerms, Places
from model.terms.analyzer import BLOCKS
from model.terms.folding import Cleaned

_TINY = 1e-300  # for the norm of a block without known terms: 0 / _TINY is 0


class _Occurrences(NamedTuple):
    """Occurrences of terms: the headline, the column and block of each, and the words `[first, stop)` it stands on."""

    rows: Places
    columns: Places
    blocks: Places
    first: Places
    stop: Places


def scales(totals: Doubles) -> Doubles:
    """Give what the terms of each block are multiplied by, shape (rows, 5), from their totals, (rows, 5, 3)."""
    factors: Doubles = 1 / np.sqrt(np.maximum(totals[:, :, len(AXES)], _TINY))
    return factors


def shared(found: Found, totals: Doubles, terms: FoldedTerms, marks: LocatedMarks) -> tuple[list[Doubles], Doubles]:
    """Give what each word of each headline adds to each axis, and what is left of each headline, shape (rows, 2).

    A term's weight is shared equally among its occurrences, and each occurrence's among the words it stands on. Marks
    that stand on no word are what the blocks of style and form add beside those that do.
    """
    scale, starts = scales(totals), found.rows.starts
    each = _occurrences(found, terms.width, marks)
    values = _values(each, terms, scale)
    sizes = each.stop - each.first
    places, by_word = ranges(each.first, sizes), (values / sizes[:, None]).repeat(sizes, axis=0)
    on_words = _summed(places, by_word, len(found.rows.numbers))
    styled = each.blocks == STYLE
    rest = (totals[:, STYLE::2, : len(AXES)] * scale[:, STYLE::2, None]).sum(axis=1)
    rest -= _summed(each.rows[styled], values[styled], len(starts))
    stops = [*starts[1:].tolist(), len(found.rows.numbers)]
    return [on_words[start + 1 : stop - 1] for start, stop in zip(starts.tolist(), stops, strict=True)], rest


def _occurrences(found: Found, width: int, marks: LocatedMarks) -> _Occurrences:
    starts, words = found.rows.starts, np.arange(len(found.rows.numbers))
    stops = np.append(starts[1:], len(words))
    row_of = np.arange(len(starts)).repeat(stops - starts)
    held = words.repeat(found.spans[1])
    of_token, ngrams = words.repeat(found.spans[3]), found.ngrams
    first, last = of_token.take(ngrams.first), of_token.take(ngrams.last)
    row = row_of.take(first)
    # the edges' pseudo-words stand for the first and the last word
    first, last = np.maximum(first, starts.take(row) + 1), np.minimum(last, stops.take(row) - 2)
    parts = [
        _Occurrences(row_of.take(held), *_parted(found.memory.columns_of(found.spans), width), held, held + 1),
        _Occurrences(row, *_parted(ngrams.columns, width), first, last + 1),
    ]
    for marked in (*marks.repeatable(found), *marks.once(found)):
        blocks = np.full(len(marked.rows), STYLE)
        parts.append(_Occurrences(marked.rows, marked.columns, blocks, marked.first, marked.stop))
    return _Occurrences(*map(np.concatenate, zip(*parts, strict=True)))


def _parted(columns: Places | Pairs, width: int) -> tuple[Places, Places]:
    blocks, within = np.divmod(columns.astype(np.intp), width)
    return within, blocks


def _values(each: _Occurrences, terms: FoldedTerms, scale: Doubles) -> Doubles:
    """Give what each occurrence adds to each axis."""
    pairs = ((each.rows * len(BLOCKS) + each.blocks) * terms.width + each.columns).astype(np.uint32)
    ordered = np.sort(pairs)
    counts = ordered.searchsorted(pairs, side="right") - ordered.searchsorted(pairs)
    factors = (1 + np.log(counts)) / counts * scale[each.rows, each.blocks]
    values: Doubles = terms.values.take(each.columns, axis=0)[:, : len(AXES)] * factors[:, None]
    return values


def _summed(places: Places, values: Doubles, count: int) -> Doubles:
    return np.column_stack([np.bincount(places, values[:, axis], count) for axis in range(len(AXES))])


def evidence_of(headline: str, cleaned: Cleaned, shares: Doubles, rest: Doubles, bias: Doubles) -> Evidence:
    """Write one headline's evidence, from the shares of its words (words, 2)."""
    spans, end = [], 0
    for word, (sensational, clickbait) in zip(cleaned.text.split(), shares.tolist(), strict=True):
        first = cleaned.text.index(word, end)
        end = first + len(word)
        if sensational or clickbait:
            start, stop = cleaned.starts[first], cleaned.ends[end - 1]
            spans.append(Span(start, stop, headline[start:stop], sensational, clickbait))
    spans.sort(key=_strength, reverse=True)
    return Evidence(_by_axis(bias), tuple(spans), _by_axis(rest))


def _strength(span: Span) -> float:
    return max(abs(span.sensational), abs(span.clickbait))


def _by_axis(values: Doubles) -> dict[Axis, float]:
    return dict(zip(AXES, values.tolist(), strict=True))
