"""Looks a predictor's content over before it is used, so that compiled functions, which trust indices, may.

Every array is checked for its type, its size against what it goes with, and values in range; every text that is cut
into names, for being cut into as many as are counted on. This takes some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.features.country_feature_names import END, USES, WHERE
from pipeline.features.gazetteer import ALL_CAPITALS, COMMON_WORD, KINDS
from pipeline.features.name_senses import COMMON, GIVEN, SIDES, SURNAME
from pipeline.prediction.probabilities import ANY, AT_LEAST_ONE, EXACTLY_ONE

_MOST_LABELS = 1 << 15  # the gazetteer's codes have 15 bits
_LONGEST_NAME = 500  # letters
_LARGEST = 1e6  # of weights, thresholds and the like: products of two of them are still numbers
# ASCII that ends a word for the scanner, but for blanks and the ends of lines.
_NO_WORD = bytes(byte for byte in range(128) if not chr(byte).isalnum() and byte not in b"\n ")
_SAID = rf"(?:{re.escape(END)}|[^\x00-\x20!-/:-@\[-`{{-\x7f]+)"  # a word, or what stands for none
_USES = "|".join(USES)
_NOT_BESIDE = re.compile(  # lines that begin as a name of `country_feature_names.beside`, and are none
    rf"^word (?!(?:{'|'.join(WHERE)}): (?:{_SAID} (?:{_USES})|(?:{_USES}) {_SAID})$)", re.M
)


class BadContent(ValueError):
    """A part of a predictor that can't be used: where it is, and what is wrong with it."""


def check(content: Mapping[str, Any]) -> None:
    """Raises BadContent for what no training wrote and tagging would trip over."""
    root = _Part(content, "")
    root.text("name")
    tasks, names = root.part("tasks"), root.part("taxonomy")
    for task in tasks.values:
        _require(task in (TOPICS, REGIONS), tasks.where, f"has the task {task!r:.40}, not one of {TOPICS}, {REGIONS}")
        one = tasks.part(task)
        kind, state = one.text("kind"), one.part("state")
        _require(kind in _CHECKS, one.where, f"has the kind {kind!r:.40}")
        _CHECKS[kind](state)
    for task in names.values:
        _check_names(names.part(task), task)


def _check_linear(state: _Part) -> tuple[str, ...]:
    labels, terms = state.labels("labels"), _check_features(state.part("features"))
    state.array("weights", "f", (terms, len(labels)), half=True)
    state.array("intercepts", "f", (len(labels),))
    state.array("curves", "f", (len(labels), 2))
    for name in ("thresholds", "publish"):
        state.array(name, "f", (len(labels),))
    _require(state.text("decision") in (ANY, AT_LEAST_ONE, EXACTLY_ONE), state.where, "has an unknown 'decision'")
    if "floor" in state.values:
        state.number("floor")
    if "link" in state.values:
        link = state.array("link", "f", (None, 2))
        rising = len(link) > 0 and bool((np.diff(link[:, 0]) > 0).all()) and bool((np.diff(link[:, 1]) >= 0).all())
        _require(rising, state.where, "has a 'link' whose knots don't rise")
    return labels


_LONGEST_PIECE = 20


def _check_features(state: _Part) -> int:
    """How many terms there are."""
    for name, least in (("title_weight", 0.0), ("lead_words", 1e-6), ("min_documents", 0)):
        _require(state.number(name) >= least, state.where, f"has a '{name}' below {least}")
    state.text("masked")
    if "language" in state.values:
        state.text("language")
        _require(state.number("piece_weight") >= 0, state.where, "has a 'piece_weight' below 0")
        pieces: Any = state.values.get("pieces")
        whole = isinstance(pieces, list) and len(pieces) == 2 and all(type(size) is int for size in pieces)
        _require(whole and 0 <= pieces[0] <= pieces[1] <= _LONGEST_PIECE, state.where, "has no two 'pieces'")
    terms = state.lines("terms")
    state.array("idf", "f", (terms,))
    if "learned" in state.values:
        _require(0 <= state.number("learned") <= terms, state.where, "has learned more terms than it has")
    return terms


def _check_regions(state: _Part) -> None:
    labels = _check_gazetteer(state.part("gazetteer"))
    if state.values.get("text") is not None:
        known = _check_linear(state.part("text"))
        _require(set(known) <= set(labels), state.where, "scores texts for labels that its gazetteer lacks")
    features = state.text("names")
    _require(not _NOT_BESIDE.search(features), state.where, "has names of features that nothing writes")
    state.array("weights", "f", (state.lines("names"),))
    state.number("intercept")
    state.array("curve", "f", (2,))
    for name in ("thresholds", "publish"):
        state.array(name, "f", (len(labels),))


def _check_gazetteer(state: _Part) -> tuple[str, ...]:
    labels, text = state.labels("labels"), state.text("names")
    _require(not text or _are_names(text), state.where, f"has names that aren't words, at most {_LONGEST_NAME} letters")
    names = state.lines("names")
    state.array("cases", "u", (names,), 0, ALL_CAPITALS + COMMON_WORD)
    counts = state.array("counts", "u", (names,))
    entries = int(counts.sum(dtype=np.int64))
    state.array("codes", "i", (entries,), 0, len(labels) - 1)
    state.array("kinds", "u", (entries,), 0, len(KINDS) - 1)
    state.array("weights", "f", (entries,), 0, 1)
    if "languages" in state.values:
        state.labels("languages")
    if state.values.get("senses") is not None:
        _check_senses(state.part("senses"))
    return labels


def _check_senses(state: _Part) -> None:
    text = state.text("words")
    _require(not text or (_are_names(text) and " " not in text), state.where, "has words that aren't single words")
    words = state.lines("words")
    state.array("classes", "u", (words,), 0, GIVEN | SURNAME | COMMON)
    for name in ("before", "after"):
        state.array(name, "f", (words,))
    state.array("sides", "f", (2, SIDES))
    for name in ("own", "intercept"):
        state.number(name)


def _are_names(text: str) -> bool:
    """Whether every line is made of words with one blank between them."""
    lines = f"\n{text}\n".encode()
    apart = not any(gap in lines for gap in (b"  ", b" \n", b"\n ", b"\n\n"))
    if not apart or len(lines.translate(None, _NO_WORD)) < len(lines):
        return False
    longest = np.diff(np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n"))).max() - 1  # in bytes
    return bool(longest <= _LONGEST_NAME) or max(map(len, text.split("\n"))) <= _LONGEST_NAME


_CHECKS: dict[str, Callable[[_Part], Any]] = {"linear": _check_linear, "regions": _check_regions}


def _check_names(names: _Part, task: str) -> None:
    for label, told in names.values.items():
        if task == TOPICS:
            good = _are_texts(told, 3)
        else:
            good = isinstance(told, list) and len(told) == 2 and _are_texts(told[:1], 1) and _are_texts(told[1])
        _require(good and _are_texts([label]), names.where, f"has no names for the label {label!r:.40}")


def _are_texts(values: Any, count: int | None = None) -> bool:
    whole = isinstance(values, list) and (count is None or len(values) == count)
    return whole and all(map(_is_text, values))


def _is_text(value: Any) -> bool:
    """Whether it is a string that can be encoded: one with half a surrogate pair can't."""
    try:
        return isinstance(value, str) and (value.isascii() or bool(value.encode()))
    except UnicodeEncodeError:
        return False


def _finite(array: np.ndarray) -> bool:
    if array.dtype == np.float16:  # whose exponent is all ones then: five times as fast as asking for each
        return not array.size or int(np.left_shift(array.view(np.uint16), 1).max()) < 0xF800
    return not array.size or bool(np.abs(array).max() <= _LARGEST)


def _require(good: bool, where: str, problem: str) -> None:
    if not good:
        raise BadContent(f"{where or 'the whole'} {problem}")


class _Part:
    """A dict within the content, and what it is called in messages."""

    def __init__(self, values: Any, where: str) -> None:
        _require(isinstance(values, dict), where, "is no mapping")
        self.values: Mapping[str, Any] = values
        self.where = where

    def part(self, name: str) -> _Part:
        return _Part(self._of(name), f"{self.where}.{name}".lstrip("."))

    def text(self, name: str) -> str:
        value = self._of(name)
        _require(_is_text(value), self.where, f"has no text '{name}'")
        return str(value)

    def lines(self, name: str) -> int:
        """How many lines a text has; an empty one has none."""
        return self.text(name).count("\n") + 1 if self.text(name) else 0

    def number(self, name: str) -> float:
        value = self._of(name)
        _require(type(value) in (int, float) and abs(value) <= _LARGEST, self.where, f"has no number '{name}'")
        return float(value)

    def labels(self, name: str) -> tuple[str, ...]:
        value = self._of(name)
        _require(_are_texts(value) and len(value) < _MOST_LABELS, self.where, f"has no list of texts '{name}'")
        _require(len(set(value)) == len(value), self.where, f"has '{name}' that stand twice")
        return tuple(value)

    def array(
        self,
        name: str,
        kind: str,
        shape: Sequence[int | None],
        least: float | None = None,
        most: float | None = None,
        half: bool = False,
    ) -> np.ndarray:
        """An array of floats, signed or unsigned integers ("f", "i", "u"); None stands for any size, no value is
        below `least` or above `most`. Floats of half precision, which nothing compiled takes, only where `half`."""
        value = self._of(name)
        typed = isinstance(value, np.ndarray) and value.dtype.kind == kind and value.dtype.isnative
        typed = typed and (half or value.dtype != np.float16)
        _require(typed, self.where, f"has no array '{name}' of the right type")
        fits = value.ndim == len(shape) and all(
            own in (None, size) for own, size in zip(shape, value.shape, strict=True)
        )
        asked = " x ".join("any" if size is None else str(size) for size in shape)
        _require(fits, self.where, f"has '{name}' of shape {value.shape}, not {asked}")
        _require(value.flags.c_contiguous and value.flags.aligned, self.where, f"has '{name}' in another order")
        if kind == "f":
            _require(_finite(value), self.where, f"has '{name}' that are no numbers or too large")
        if value.size and least is not None and most is not None:
            _require(
                least <= value.min() and value.max() <= most, self.where, f"has '{name}' outside {least} to {most}"
            )
        return np.asarray(value)

    def _of(self, name: str) -> Any:
        _require(name in self.values, self.where, f"lacks '{name}'")
        return self.values[name]
