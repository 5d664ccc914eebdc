"""Which languages py3langid's identifier finds most probable, with its walk through the letters compiled."""

from __future__ import annotations

import threading
import unicodedata
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled

_WIDER = np.float32(2.0**112)  # what the exponents of half and single precision differ by
_NOTHING = float(np.finfo(np.float32).min)


class CompiledIdentifier:
    """Finds the languages that the `LanguageIdentifier` that it is made of ranks first, to the last bit."""

    def __init__(self, known: Any) -> None:
        self._labels, self._prior = list(known.nb_classes), known.nb_pc
        columns = [(self._labels.index(label), column) for column, label in enumerate(self._labels)]
        self._twice = [(first, column) for first, column in columns if first != column]  # some labels have two columns
        self._table = np.array(known.nb_ptc, np.float16).view(np.uint16)
        moves, outputs = np.frombuffer(known.tk_nextmove, np.uint32), np.array(known.tk_output, np.int32)
        moves.flags.writeable = False
        self._automaton = moves, np.array(known.tk_row, np.int64) << 8, outputs
        self._own = threading.local()

    def nearly_best(self, text: str, apart: float) -> list[str]:
        """The languages whose log-probabilities are at most so far from the highest one, which comes first."""
        values = self._scores(_encoded(text)).astype(np.float64)
        for first, column in self._twice:
            values[first], values[column] = max(values[first], values[column]), -np.inf
        best = int(values.argmax())
        near = np.flatnonzero(values >= values[best] - apart).tolist()
        return [self._labels[best], *(self._labels[column] for column in near if column != best)]

    def _scores(self, text: bytes) -> np.ndarray:
        counts = getattr(self._own, "counts", None)
        if counts is None:
            counts = self._own.counts = np.zeros(len(self._table), np.int32)
        order = np.empty(len(text), np.int64)
        seen = order[: _walk(*self._automaton, np.frombuffer(text, np.uint8), counts, order)]
        if not len(seen):
            return np.full(len(self._labels), _NOTHING, np.float32)
        weights = np.log1p(counts[seen].astype(np.float32))
        counts[seen] = 0
        rows = np.empty((len(seen), len(self._labels)), np.uint32)
        _widen(self._table, seen, rows)
        return np.asarray(weights @ (rows.view(np.float32) * _WIDER) + self._prior)


def _encoded(text: str) -> bytes:
    return unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")


@compiled
def _walk(moves: Any, rows: Any, outputs: Any, text: Any, counts: Any, order: Any) -> Any:
    """Count the features of a text; fill in which they are as they come, and tell how many."""
    state, used = np.int64(0), np.int64(0)
    for at in range(len(text)):
        state = np.int64(moves[rows[state] + text[at]])
        feature = outputs[state]
        if feature >= 0:
            if counts[feature] == 0:
                order[used] = feature
                used += 1
            counts[feature] += 1
    return used


@compiled
def _widen(table: Any, chosen: Any, rows: Any) -> None:
    """Fill in the chosen rows of numbers in half precision as single precision, but for their exponents."""
    for number in range(len(chosen)):
        row = table[chosen[number]]
        for column in range(rows.shape[1]):
            bits = np.uint32(row[column])
            rows[number, column] = ((bits & np.uint32(0x7FFF)) << np.uint32(13)) | (
                (bits & np.uint32(0x8000)) << np.uint32(16)
            )
