"""Small tables that come with Dateline or stand in a configuration: CSV in UTF-8 whose first line names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.common.errors import DataError
from pipeline.common.project import project_file


def read_table(path: Path, columns: Sequence[str], what: str = "a CSV") -> Iterator[tuple[int, dict[str, str]]]:
    """The line number and the cells of each row; the cells of a row that is too short are empty.

    Raises DataError for a file that can't be read and for want of one of the `columns`; `what` says what it should be.
    """
    try:
        with project_file(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            if absent := [column for column in columns if column not in (reader.fieldnames or ())]:
                raise DataError(f"{path}: the column '{absent[0]}' is missing; the first line must name it")
            for row in reader:
                yield reader.line_num, row
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; it must be {what}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: can't be read as {what} ({error})") from None
