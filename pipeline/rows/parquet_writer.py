"""Parquet written from rows whose types are known only at the end."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.rows.spool import Spool

_BATCH = 1000


class ParquetFormat:
    """Spools the rows, then writes them in batches under one schema; a column of mixed types becomes JSON text.

    `types` are those of the columns when they are known before.
    """

    def __init__(
        self, stream: BinaryIO, columns: Sequence[str] | None, spool: Spool, types: Mapping[str, Any] | None = None
    ) -> None:
        self._stream = stream
        self._columns = columns
        self._spool = spool
        self._types = types

    def write(self, row: Mapping[str, Any]) -> None:
        self._spool.write(row)

    def finish(self) -> None:
        columns = list(self._spool.columns if self._columns is None else self._columns)
        kinds = dict(self._types) if self._types else self._kinds(columns)
        schema = pa.schema([(name, pa.string() if kind is None else kind) for name, kind in kinds.items()])
        with pq.ParquetWriter(self._stream, schema) as writer:
            for batch in self._batches():
                arrays = [_array([row.get(name) for row in batch], kind) for name, kind in kinds.items()]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))

    def _batches(self) -> Iterator[tuple[dict[str, Any], ...]]:
        rows = self._spool.rows()
        while batch := tuple(itertools.islice(rows, _BATCH)):
            yield batch

    def _kinds(self, columns: list[str]) -> dict[str, Any]:
        """The type of each column over all batches; None where there is none in common."""
        kinds: dict[str, Any] = dict.fromkeys(columns, pa.null())
        for batch in self._batches():
            for name, kind in kinds.items():
                kinds[name] = kind and _common(kind, [row.get(name) for row in batch])
        return {name: kind if _storable(kind) else None for name, kind in kinds.items()}


def _storable(kind: Any) -> bool:
    """Parquet has no form for an object without fields."""
    if kind is None or pa.types.is_null(kind):
        return False
    if pa.types.is_list(kind):
        return pa.types.is_null(kind.value_type) or _storable(kind.value_type)
    if not pa.types.is_struct(kind):
        return True
    inner = [kind.field(place).type for place in range(kind.num_fields)]
    return bool(inner) and all(pa.types.is_null(one) or _storable(one) for one in inner)


def _common(kind: Any, values: list[Any]) -> Any:
    try:
        fields = [pa.schema([("", kind)]), pa.schema([("", pa.array(values).type)])]
        return pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowException, TypeError, OverflowError):
        return None


def _array(values: list[Any], kind: Any) -> pa.Array:
    if kind is not None:
        return pa.array(values, kind)
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
