"""Values made of lists and mappings: what stands directly in one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def parts(value: Any) -> Iterable[Any]:
    """The values in a dict, list, tuple or set; none in anything else."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()
