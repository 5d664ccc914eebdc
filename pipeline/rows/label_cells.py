"""Labels as people's files hold them: lists, JSON text, or strings with some separator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

AUTO = "auto"
SEPARATORS = (";", "|", ",")
_KEY_FIELDS = ("key", "code", "id", "name", "label")
_PLAIN = re.compile(r"[a-z0-9_:.-]+")
_CODE = re.compile(r"[A-Z]{2}")
# A quote that is never closed ends with the text, so that no part of it is looked at twice.
_QUOTED = re.compile(r"'((?:[^'\\]|\\.?)*+)(?:'|\Z)|\"((?:[^\"\\]|\\.?)*+)(?:\"|\Z)", re.DOTALL)


def split_labels(value: Any, separator: str) -> list[str]:
    """The labels in a field, each once, in order; `separator` is one sign, or empty when the text is one label.

    Lists hold texts, numbers, or objects with a key, code or name, as Dateline's own predictions do. Raises ValueError
    with what is wrong, in words.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _json_list(value)
    if isinstance(value, str):
        parts: Iterable[str] = value.split(separator.strip() or None) if separator else [value]
    elif isinstance(value, list | tuple):
        parts = [_label(item) for item in value]
    elif isinstance(value, int | float | dict):
        parts = [_label(value)]
    else:
        raise ValueError(f"labels are a list or text, not {type(value).__name__}")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def guess_separator(values: Iterable[Any]) -> str:
    """The sign between labels that a sample of fields shows; empty when each text is one label."""
    texts = [value.strip() for value in values if isinstance(value, str) and value.strip() and value.strip()[0] != "["]
    for sign in SEPARATORS:
        if any(sign in text for text in texts):
            return sign
    return " " if _blanks_separate(texts) else ""


def _blanks_separate(texts: list[str]) -> bool:
    """Whether blanks part keys rather than stand inside names: keys are plain words that recur in other company."""
    tokens = {token for text in texts for token in text.split()}
    if not any(" " in text for text in texts):
        return False
    if all(_CODE.fullmatch(token) for token in tokens):
        return True
    return all(_PLAIN.fullmatch(token) for token in tokens) and len(tokens) < len(set(texts))


def _json_list(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if "'" in text:
            return _quoted(text)
        raise ValueError("the labels begin like a JSON list but are none") from None


def _quoted(text: str) -> list[str]:
    """A list as Python and pandas print it: ['a', 'b']."""
    return [single or double for single, double in _QUOTED.findall(text)]


def _label(item: Any) -> str:
    if isinstance(item, dict):
        item = next((item[field] for field in _KEY_FIELDS if item.get(field)), None)
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        raise ValueError("a label in the list is neither text nor number nor an object with a key")
    return str(item)
