"""Names of labels in the language of whoever reads a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.common.errors import DataError
from pipeline.features.language.reading import ENGLISH
from pipeline.prediction.predictor import Predictor

_WANTED = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?)\s*(?:;\s*q=([\d.]{1,5}))?")
_LONGEST, _MOST_KEPT = 200, 20
_KEPT: dict[tuple[str, str], Predictor] = {}


def for_reader(predictor: Predictor, wanted: str) -> Predictor:
    """The predictor with its labels' names in the first language of `wanted` that has names.

    `wanted` is what a browser says in `Accept-Language`, or a single language; English is what names are in anyway.
    """
    for language in _languages(wanted):
        if language.partition("-")[0].lower() == ENGLISH:
            break
        key = predictor.sha256, language
        try:
            found = _KEPT.get(key) or predictor.named(language)
        except DataError:
            continue
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        _KEPT[key] = found
        return found
    return predictor


def one_language(wanted: str) -> str:
    """A language that somebody asks for by its code; empty when it is none."""
    return next(_languages(wanted), "") if "," not in wanted else ""


def _languages(wanted: str) -> Iterator[str]:
    """Languages in the order in which they are wanted."""
    parts = [_WANTED.fullmatch(part.strip()) for part in wanted[:_LONGEST].split(",")]
    found = [(_share(part[2]), -place, part[1]) for place, part in enumerate(parts) if part]
    return (language for share, _, language in sorted(found, reverse=True) if share > 0)


def _share(told: str | None) -> float:
    try:
        return float(told) if told else 1.0
    except ValueError:
        return 0.0
