"""Values made of lists and mappings: what stands directly in one, and how deep that goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def parts(value: Any) -> Iterable[Any]:
    """The values in a dict, list, tuple or set; none in anything else."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()


def deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand in one another more than `levels` deep: what follows walks them recursively."""
    level = [value]
    for _ in range(levels):
        level = [item for one in level for item in parts(one)]
    return bool(level)
