"""Label files that come without text: article_id, topics, regions."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.errors import DataError
from pipeline.common.project import project_file


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The labels of one article and where they stand."""

    topics: list[str]
    regions: list[str]
    where: str


def read_labels(path: Path) -> dict[str, LabelRow]:
    """Labels by article id, in file order. Raises DataError when a column is missing."""
    with project_file(path).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"article_id", "topics", "regions"} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path}: column {', '.join(sorted(missing))} is missing")
        return {
            row["article_id"]: LabelRow(row["topics"].split(), row["regions"].split(), f"{path}:{reader.line_num}")
            for row in reader
        }
