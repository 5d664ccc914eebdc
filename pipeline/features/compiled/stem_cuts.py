"""The stems of many words at once, by arrays of their letters: the same stems as `stems.stem_anew`."""

from __future__ import annotations

import numpy as np

from pipeline.features.stems import SHORTEST_STEM, stem_anew

_S, _D, _G, _Y, _E, _L, _I, _N, _R = map(ord, "sdgyelinr")
_NINE, _LINE, _ABOVE_ASCII = ord("9"), ord("\n"), 0x80


def words_and_stems(letters: np.ndarray, ends: np.ndarray) -> tuple[list[str], list[str]]:
    """Words whose letters (UTF-8, uint8) stand one after another and end at `ends` (n,), and their stems.

    Numbers, and words beyond ASCII, are stemmed one by one.
    """
    starts, lines = np.append(0, ends[:-1]), ends + np.arange(len(ends))
    odd = (np.maximum.reduceat(letters, starts) >= _ABOVE_ASCII) | (letters[starts] <= _NINE)
    cut, with_y = _cuts(letters, starts, ends)
    cut[odd], with_y[odd] = 0, False
    text = np.insert(letters, ends, _LINE)
    words = _split(text)
    text[lines[with_y] - cut[with_y]] = _Y
    shorter = cut > 0
    kept = np.repeat(shorter, ends - starts + 1)
    for back in range(1, int(cut.max(initial=0)) + 1):
        kept[lines[cut - with_y >= back] - back] = False
    stems = words.copy()
    for place, stem in zip(np.flatnonzero(shorter).tolist(), _split(text[kept]), strict=True):
        stems[place] = stem
    for place in np.flatnonzero(odd).tolist():
        stems[place] = stem_anew(words[place])
    return words, stems


def _split(text: np.ndarray) -> list[str]:
    return text.tobytes().decode().split("\n")[:-1]


def _cuts(letters: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many letters each word (n,) loses at its end, and whether it gets a `y` instead, as if all were ASCII."""
    length = ends - starts
    last, second, third, fourth = (letters[np.maximum(ends - back, 0)] for back in range(1, 5))

    def fits(size: int, *written: np.ndarray) -> np.ndarray:
        return np.logical_and.reduce([length - size >= SHORTEST_STEM, *written])

    es, ed, ing = (last == _S) & (second == _E), (last == _D) & (second == _E), (second == _N) & (third == _I)
    ings = fits(4, last == _S, second == _G, third == _N, fourth == _I)
    cut = np.select(
        [
            (last == _S) & (second == _S),
            fits(4, es, third == _S, fourth == _S),  # "sses" becomes "ss"
            fits(3, es | ed, third == _I),
            ings,
            fits(3, last == _G, ing),
            fits(4, last == _Y, second == _L, third == _D, fourth == _E),
            fits(2, ed) | fits(2, last == _Y, second == _L),
            fits(1, last == _S),
        ],
        [0, 2, 3, 4, 3, 4, 2, 1],
    )
    with_y = (cut == 3) & (last != _G)
    left = length - cut + with_y
    one, other = (letters[np.maximum(ends - cut - back, 0)] for back in (1, 2))
    one, other = np.where(with_y, _Y, one), np.where(with_y, one, other)
    e = (one == _E) & (left > SHORTEST_STEM)
    double = (one == other) & (left > SHORTEST_STEM + 1) & (one != _L) & (one != _S) & (one != _E)
    more = (e | double) & (length > SHORTEST_STEM)
    return cut + (more & ~with_y), with_y & ~more
