"""What py3langid's identifier says of a text, with its walk through the letters compiled."""

from __future__ import annotations

import threading
import unicodedata
from operator import itemgetter
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled

_WIDER = np.float32(2.0**112)  # what the exponents of half and single precision differ by
_NOTHING = float(np.finfo(np.float32).min)


class CompiledIdentifier:
    """Ranks languages as the `LanguageIdentifier` that it is made of does, to the last bit."""

    def __init__(self, known: Any) -> None:
        self._labels, self._prior = list(known.nb_classes), known.nb_pc
        self._columns = {label: self._labels.index(label) for label in self._labels}  # some have another one, too
        self._table = np.array(known.nb_ptc, np.float16).view(np.uint16)
        moves, outputs = np.frombuffer(known.tk_nextmove, np.uint32), np.array(known.tk_output, np.int32)
        moves.flags.writeable = False
        self._automaton = moves, np.array(known.tk_row, np.int64) << 8, outputs
        self._own = threading.local()

    def rank(self, text: str) -> list[tuple[str, float]]:
        """All languages and their log-probabilities, the best first."""
        values = self._scores(_encoded(text)).tolist()
        found = {label: values[column] for label, column in self._columns.items()}
        if len(found) < len(values):
            for label, value in zip(self._labels, values, strict=True):
                found[label] = max(value, found[label])
        return sorted(found.items(), key=itemgetter(1), reverse=True)

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
        for column in range(rows.shape[1]):
            bits = np.uint32(table[chosen[number], column])
            rows[number, column] = ((bits & np.uint32(0x7FFF)) << np.uint32(13)) | (
                (bits & np.uint32(0x8000)) << np.uint32(16)
            )
