"""Counts the terms of many headlines and learns the shared TF-IDF."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from joblib import Parallel, cpu_count, delayed
from scipy.sparse import csr_array, vstack
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.pipeline import Pipeline

from model.terms import BLOCKS, TermSettings, block_of
from training.recipe import Recipe

Rows = npt.NDArray[np.int64]
Terms = npt.NDArray[np.object_]


def vectorize(headlines: Sequence[str], outlets: Rows, recipe: Recipe) -> tuple[Pipeline, csr_array]:
    """Learn vocabulary and idf from n headlines, and weigh them: TF-IDF, each block of terms normalised by itself.

    The pipeline takes lists of terms (`analyzer=list`), so that its pickle needs nothing of ours to load. Its idf is
    rounded to the 32 bits that the artefact keeps, so that both give the same probabilities.
    """
    terms, counts = count_terms(headlines, recipe.terms)
    blocks = np.array([block_of(term) for term in terms], dtype=np.int64)
    kept = np.flatnonzero(_is_common(counts, outlets, recipe))
    kept = kept[np.lexsort((terms[kept], blocks[kept]))]
    weigher = ColumnTransformer(_by_block(blocks[kept]), sparse_threshold=1.0)
    counts = counts[:, kept]
    weigher.fit(counts)
    for _, transformer, _ in weigher.transformers_:
        transformer.idf_ = transformer.idf_.astype(np.float32).astype(np.float64)
    counter = CountVectorizer(analyzer=list, dtype=np.float64, vocabulary=terms[kept]).fit([[]])
    return Pipeline([("counts", counter), ("tfidf", weigher)]), csr_array(weigher.transform(counts))


def terms_of(vectorizer: Pipeline) -> Terms:
    """Give the terms that a fitted vectorizer knows, in the order of its columns."""
    return np.asarray(vectorizer["counts"].get_feature_names_out(), dtype=object)


def idf_of(vectorizer: Pipeline) -> npt.NDArray[np.float32]:
    """Give the idf of each term, in the order of the columns."""
    blocks = [transformer.idf_ for _, transformer, _ in vectorizer["tfidf"].transformers_]
    return np.concatenate(blocks).astype(np.float32)


def count_terms(headlines: Sequence[str], settings: TermSettings) -> tuple[Terms, csr_array]:
    """Count every term of n headlines, over all cores: the terms, sorted, and counts of shape (n, terms)."""
    jobs = cpu_count() if len(headlines) > 5000 else 1
    bounds = np.linspace(0, len(headlines), jobs + 1).astype(int)
    chunks = [list(headlines[start:stop]) for start, stop in pairwise(bounds)]
    parts = Parallel(n_jobs=jobs)(delayed(_count)(chunk, settings) for chunk in chunks)
    terms, places = np.unique(np.concatenate([names for names, _ in parts]), return_inverse=True)
    starts = np.cumsum([0, *(len(names) for names, _ in parts)])
    remapped = [
        csr_array((part.data, places[start + part.indices], part.indptr), shape=(part.shape[0], len(terms)))
        for start, (_, part) in zip(starts, parts, strict=False)
    ]
    return terms, csr_array(vstack(remapped))


def _count(headlines: Sequence[str], settings: TermSettings) -> tuple[Terms, csr_array]:
    counter = CountVectorizer(analyzer=list, dtype=np.float64)
    counts = csr_array(counter.fit_transform(map(settings.analyze, headlines)))
    return np.asarray(counter.get_feature_names_out(), dtype=object), counts


def _by_block(blocks: Rows) -> list[tuple[str, TfidfTransformer, slice]]:
    """Give each block's columns, which stand together, a TF-IDF and a norm of their own."""
    ends = np.searchsorted(blocks, np.arange(len(BLOCKS)), side="right")
    spans = zip(BLOCKS, [0, *ends[:-1]], ends, strict=True)
    return [(n, TfidfTransformer(sublinear_tf=True), slice(int(a), int(b))) for n, a, b in spans if b > a]


def _is_common(counts: csr_array, outlets: Rows, recipe: Recipe) -> npt.NDArray[np.bool_]:
    """Mark the terms that enough outlets use, and of these the most frequent `max_terms`."""
    number = int(outlets.max()) + 1
    belongs = csr_array((np.ones(len(outlets)), (outlets, np.arange(len(outlets)))), shape=(number, len(outlets)))
    used_by = np.bincount((belongs @ (counts > 0)).tocsr().indices, minlength=counts.shape[1])
    enough = used_by >= min(recipe.min_outlets, max(number // 4, 1))
    frequency = np.bincount(counts.indices, minlength=counts.shape[1]) * enough
    common = np.zeros(len(frequency), dtype=bool)
    common[np.lexsort((np.arange(len(frequency)), -frequency))[: recipe.max_terms]] = True
    return np.asarray(common & enough)
