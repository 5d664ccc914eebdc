"""What languages are called in English."""

from __future__ import annotations

import json
from functools import cache

MULTI = "multi"


@cache
def _names() -> dict[str, str]:
    from importlib.resources import files  # here: most texts are in the model's language

    found: dict[str, str] = json.loads((files(__package__) / "names.json").read_text(encoding="utf-8"))
    return found


def language_name(code: str) -> str:
    """The English name of a language by its ISO 639 code; the code itself where it is unknown."""
    return "multilingual" if code == MULTI else _names().get(code, code)
