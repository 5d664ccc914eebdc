"""Labels as people name them: by key, NewsCode, country code or name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pipeline.common.errors import DataError

if TYPE_CHECKING:
    from pipeline.prediction.tagger import Taggers

_CODE = 3


def resolve(predictor: Taggers, wanted: str) -> tuple[str, str]:
    """The task and the label that `wanted` names, whatever its case. Raises DataError with the closest ones."""
    known = _names(predictor)
    found = known.get(_plain(wanted))
    if found:
        return found
    names = [name for name in known if len(name) > _CODE]  # a code of two letters is close to anything
    close = get_close_matches(_plain(wanted), names, n=3, cutoff=0.6)
    hint = f"; did you mean {', '.join(dict.fromkeys(known[name][1] for name in close))}?" if close else ""
    raise DataError(f"the model knows no label '{wanted}'{hint}")


def _names(predictor: Taggers) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for task, tagger in predictor.taggers.items():
        for label in tagger.labels:
            known = predictor.label(task, label)
            for name in filter(None, (label, known.iptc, known.name)):
                found.setdefault(_plain(name), (task, label))
    return found


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())
