"""Learns the shared TF-IDF."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.pipeline import Pipeline

from model.artefact import Artefact
from model.terms.analyzer import BLOCKS, block_of
from training.counting import count_common, count_known
from training.recipe import Recipe

Rows = npt.NDArray[np.int64]
Terms = npt.NDArray[np.object_]


def vectorize(headlines: Sequence[str], outlets: Rows, recipe: Recipe) -> tuple[Pipeline, csr_array]:
    """Learn vocabulary and idf from n headlines, and weigh them: TF-IDF, each block of terms normalised by itself.

    The pipeline takes lists of terms (`analyzer=list`), so that its pickle needs nothing of ours to load. Its idf is
    rounded to the 32 bits that the artefact keeps, so that both give the same probabilities.
    """
    least = min(recipe.min_outlets, max(int(outlets.max() + 1) // 4, 1))
    terms, counts = count_common(headlines, outlets, recipe.terms, least, recipe.max_terms)
    order, weigher = _weigher(terms)
    counts = _ordered(counts, order)
    weigher.fit(counts)
    for _, transformer, _ in weigher.transformers_:
        transformer.idf_ = transformer.idf_.astype(np.float32).astype(np.float64)
    return _pipeline(terms[order], weigher), csr_array(weigher.transform(counts))


def vectorize_as(headlines: Sequence[str], known: Artefact) -> tuple[Pipeline, csr_array]:
    """Weigh n headlines by the terms and idf of a model, so that its heads score them as they do in it."""
    terms = np.array(known.terms, dtype=object)
    order, weigher = _weigher(terms)
    counts = _ordered(count_known(headlines, known.weights["key"], known.settings), order)
    weigher.fit(counts)
    idf = known.weights["idf"].astype(np.float64)[order]
    for _, transformer, columns in weigher.transformers_:
        transformer.idf_ = idf[columns]
    return _pipeline(terms[order], weigher), csr_array(weigher.transform(counts))


def _ordered(counts: csr_array, order: Rows) -> csr_array:
    ordered = csr_array(counts[:, order])
    ordered.sort_indices()  # once, or every fit sorts its own copy
    return ordered


def _weigher(terms: Terms) -> tuple[Rows, ColumnTransformer]:
    """Give the order in which each block's terms stand together, and what weighs them so, not yet fitted."""
    blocks = np.array([block_of(term) for term in terms], dtype=np.int64)
    order = np.lexsort((terms, blocks))
    return order, ColumnTransformer(_by_block(blocks[order]), sparse_threshold=1.0)


def _pipeline(terms: Terms, weigher: ColumnTransformer) -> Pipeline:
    counter = CountVectorizer(analyzer=list, dtype=np.float64, vocabulary=terms).fit([[]])
    return Pipeline([("counts", counter), ("tfidf", weigher)])


def terms_of(vectorizer: Pipeline) -> Terms:
    """Give the terms that a fitted vectorizer knows, in the order of its columns."""
    return np.asarray(vectorizer["counts"].get_feature_names_out(), dtype=object)


def idf_of(vectorizer: Pipeline) -> npt.NDArray[np.float32]:
    """Give the idf of each term, in the order of the columns."""
    blocks = [transformer.idf_ for _, transformer, _ in vectorizer["tfidf"].transformers_]
    return np.concatenate(blocks).astype(np.float32)


def _by_block(blocks: Rows) -> list[tuple[str, TfidfTransformer, slice]]:
    """Give each block's columns, which stand together, a TF-IDF and a norm of their own."""
    ends = np.searchsorted(blocks, np.arange(len(BLOCKS)), side="right")
    spans = zip(BLOCKS, [0, *ends[:-1]], ends, strict=True)
    return [(n, TfidfTransformer(sublinear_tf=True), slice(int(a), int(b))) for n, a, b in spans if b > a]
