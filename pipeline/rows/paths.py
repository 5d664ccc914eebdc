"""Fields within fields: `headline.main`, `tags.0.name`, `keywords[name=subject].value`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[([^\[\]=]*)(?:=([^\[\]]*))?\]")
_DEEPEST = 5
ABSENT = object()


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """What stands at a path, ABSENT when nothing does; a column of that very name comes first.

    A step through a list goes through all of its items (`keywords.value`), through one (`keywords[0].value`) or through
    those with a field of some value (`keywords[name=subject].value`), and makes a list of what it finds.
    """
    if path in row:
        return row[path]
    if "." not in path and "[" not in path:
        return ABSENT
    return _walk(row, steps(path))


def steps(path: str) -> list[tuple[str, str, str]]:
    """The steps of a path: a name, or what stands in brackets, before and after an equals sign."""
    return _STEP.findall(path)


def _walk(value: Any, path: list[tuple[str, str, str]]) -> Any:
    for place, (name, key, wanted) in enumerate(path):
        if isinstance(value, list | tuple):
            if not name and not wanted and key.isdecimal():
                value = value[int(key)] if int(key) < len(value) else ABSENT
                continue
            if not name:
                chosen = [item for item in value if isinstance(item, Mapping) and str(item.get(key)) == wanted]
                value = chosen if wanted or key else list(value)
                continue
            found = [_walk(item, path[place:]) for item in value]
            return [one for item in found for one in (item if isinstance(item, list) else [item]) if one is not ABSENT]
        if not isinstance(value, Mapping) or not name or name not in value:
            return ABSENT
        value = value[name]
    return value


def paths_in(row: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The path and value of each field of a row, and of the objects within it."""
    for name, value in row.items():
        path = f"{before}.{name}" if before else name
        kinds = _kinds(value)
        if kinds:
            yield from ((f"{path}[name={kind}].value", value_at(row, f"{name}[name={kind}].value")) for kind in kinds)
        else:
            yield path, value
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from paths_in(value, path, depth + 1)


def _kinds(value: Any) -> list[str]:
    """The different names of objects in a list that have a name and a value, when there are several."""
    if not isinstance(value, list) or not all(
        isinstance(item, Mapping) and {"name", "value"} <= set(item) for item in value
    ):
        return []
    names = list(dict.fromkeys(str(item["name"]) for item in value))
    return names if len(names) > 1 and all(name.isidentifier() for name in names) else []
