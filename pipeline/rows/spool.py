"""Rows kept on disk until their columns are known; apart from the writer of Parquet, whose library starts slowly."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

_Trace = TracebackType | None


class Spool:
    """An anonymous temporary file of rows that remembers the columns in order of appearance."""

    def __init__(self) -> None:
        self.columns: dict[str, None] = {}
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: _Trace) -> None:
        self._file.close()

    def write(self, row: Mapping[str, Any]) -> None:
        """Keep one row."""
        self.columns.update(dict.fromkeys(row))
        self._file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row kept, in order."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)
