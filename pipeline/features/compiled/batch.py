"""Many articles as arrays of word numbers: what training and bulk prediction read, through compiled functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.common.disk_array import let_go
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.folded_bytes import folded_bytes
from pipeline.features.texts import Made, Reader

Chosen = slice | np.ndarray | Sequence[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles `rows` (n,) of a collection of tokens, which several batches can share.

    `words` (int32, numbers in the lexicon) and `shapes` (uint8) hold the tokens of all fields; article i's title starts
    at `starts[2 * i]`, its body at `starts[2 * i + 1]`.
    """

    lexicon: Lexicon
    words: np.ndarray
    shapes: np.ndarray
    starts: np.ndarray
    rows: np.ndarray

    def __post_init__(self) -> None:
        """Tokens are only read. Those out of the cache can't be written to: if others could, every function would be
        compiled twice."""
        for name in ("words", "shapes", "starts"):
            view = getattr(self, name).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, chosen: Chosen) -> Batch:
        """Some of the articles, without a copy of their tokens."""
        return Batch(self.lexicon, self.words, self.shapes, self.starts, self.rows[chosen])

    def part(self, rows: Chosen) -> Batch:
        """Some of the articles."""
        return self[rows]

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """A lexicon is pickled empty; the numbers of a batch need its words."""
        return _again, ("\n".join(self.lexicon.words), self.words, self.shapes, self.starts, self.rows)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each article (n,), the title's included."""
        return np.asarray(self.starts[2 * self.rows + 2] - self.starts[2 * self.rows])

    def occurrences(self, words: Sequence[str]) -> np.ndarray:
        """How often any of `words` stands in each article (n,)."""
        wanted = self.lexicon.marks(tuple(words))
        found = wanted[np.minimum(self.words, len(wanted) - 1)]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(found)])
        return np.asarray(before[self.starts[2 * self.rows + 2]] - before[self.starts[2 * self.rows]])

    def let_go(self) -> None:
        """Give back the memory of tokens that are on the disk."""
        let_go(self.words)
        let_go(self.shapes)

    def read_by(self, reader: Reader[Made]) -> Made:
        """What the reader makes of a batch."""
        return reader.of_batch(self)


def _again(lexicon: str, *arrays: np.ndarray) -> Batch:
    return Batch(Lexicon(lexicon.split("\n")), *arrays)


def encode(articles: Iterable[tuple[str, str]], lexicon: Lexicon | None = None) -> Batch:
    """The tokens of (title, text) pairs, cleaned; words that are new are added to the lexicon."""
    lexicon = lexicon or Lexicon()
    texts = (field for article in articles for field in article)
    fields = [text.encode() if text.isascii() else folded_bytes(text) for text in texts]
    with lexicon.lock:
        words, shapes, starts = lexicon.scan(fields)
    return Batch(lexicon, words, shapes, starts, np.arange(len(fields) // 2))
