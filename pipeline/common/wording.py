"""What a value must be, in words of our own rather than of the library that checked it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_KINDS = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "string": "a text", "path": "a path",
    "list": "a list", "tuple": "a list", "dict": "a mapping of settings", "model": "a mapping of settings",
}  # fmt: skip
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"), "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"), "less_than": ("less than", "lt"),
}  # fmt: skip
_SAID = (
    (r"Input should be a valid integer.*", "it must be a whole number"),
    (r"Input should be a valid number.*", "it must be a number"),
    (r"Input should be a valid boolean.*", "it must be true or false"),
    (r"Input should be greater than or equal to (\S+)", r"it must be at least \1"),
    (r"Input should be greater than (\S+)", r"it must be more than \1"),
    (r"Input should be less than or equal to (\S+)", r"it must be at most \1"),
    (r"Input should be less than (\S+)", r"it must be less than \1"),
    (r"Value error, ", ""),
)


def must_be(problem: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a value: `must be at least 0, not -1`."""
    return f"{_wanted(problem)}, not {problem['input']!r}"


def _wanted(problem: Mapping[str, Any]) -> str:
    kind, given = problem["type"], problem.get("ctx", {})
    if kind in _BOUNDS:
        word, name = _BOUNDS[kind]
        return f"must be {word} {given[name]:g}"
    if kind == "literal_error":
        return f"must be {given['expected']}"
    if kind == "string_pattern_mismatch":
        return f"must have the form {given['pattern']}"
    if kind.endswith("too_short"):
        return f"must have at least {given['min_length']} of them"
    if kind.endswith("too_long"):
        return f"must have at most {given['max_length']} of them"
    wanted = _KINDS.get(kind.partition("_")[0])
    return f"must be {wanted}" if wanted else str(problem["msg"]).removeprefix("Value error, ")


def plainly(message: str) -> str:
    """A message about an option of the command line, the parts that are pydantic's in words of our own."""
    for pattern, words in _SAID:
        message = re.sub(pattern, words, message)
    return message


def nearest(wanted: str, known: Iterable[str], least: float = 0.6) -> str:
    """What was probably meant by a name that is not known; empty when none is at least so alike (0 to 1)."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(wanted, list(known), n=1, cutoff=least)), "")
