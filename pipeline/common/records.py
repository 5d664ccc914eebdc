"""Frozen records by the thousand."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import fields
from itertools import repeat
from typing import Any, TypeVar

Record = TypeVar("Record")
_FEW = 4  # records that are made sooner one by one


def records(kind: type[Record], count: int, *columns: Iterable[Any]) -> list[Record]:
    """So many records of a frozen dataclass with slots, from the values of its fields, one column for each.

    The same as `list(map(kind, *columns))` in a quarter of the time: a frozen record's own way to set a field goes by
    way of Python, a slot's does not.
    """
    if count <= _FEW:
        return list(map(kind, *columns))
    made = list(map(kind.__new__, repeat(kind, count)))
    for field, column in zip(fields(kind), columns, strict=True):  # type: ignore[arg-type]
        deque(map(getattr(kind, field.name).__set__, made, column), maxlen=0)
    return made
