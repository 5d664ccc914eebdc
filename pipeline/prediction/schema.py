"""The fields of an answer in a form that other programs' schemas are made of."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from pipeline.prediction.tags import Answer

if TYPE_CHECKING:
    import pyarrow as pa

TEXT, NUMBER = "text", "number"
Kind = str | list[Any] | dict[str, Any]
"""TEXT, NUMBER, a list with the kind of its elements, or a dict of fields and their kinds."""


def kind_of(hint: Any = Answer) -> Kind:
    """The kind of a record, of a tuple of records, or of a value. Raises TypeError for what JSON has no form for."""
    if get_origin(hint) is tuple:
        return [kind_of(get_args(hint)[0])]
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return {field.name: kind_of(hints[field.name]) for field in fields(hint)}
    if hint not in (str, float):
        raise TypeError(f"an answer holds texts, numbers, tuples and records, not {hint}")
    return TEXT if hint is str else NUMBER


def arrow_type(kind: Kind) -> pa.DataType:
    """The type of a column of Parquet."""
    import pyarrow as pa

    if isinstance(kind, dict):
        return pa.struct([(name, arrow_type(inner)) for name, inner in kind.items()])
    if isinstance(kind, list):
        return pa.list_(arrow_type(kind[0]))
    return pa.string() if kind == TEXT else pa.float64()


def columns() -> tuple[str, ...]:
    """The columns of a table of answers: the fields of each, and what is wrong with a row that has none."""
    return *(field.name for field in fields(Answer)), "error"


def arrow_types() -> dict[str, pa.DataType]:
    """The types of the columns of a table of answers."""
    kind = kind_of(Answer)
    assert isinstance(kind, dict)
    return {name: arrow_type(kind.get(name, TEXT)) for name in columns()}
