"""Label files that come without text: article_id, topics, regions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.common.csv_table import read_table


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The labels of one article and where they stand."""

    topics: list[str]
    regions: list[str]
    where: str


def read_labels(path: Path) -> dict[str, LabelRow]:
    """Labels by article id, in file order. Raises DataError when the file or a column is missing."""
    rows = read_table(path, ("article_id", "topics", "regions"), "a CSV of labels")
    return {
        row["article_id"]: LabelRow(row["topics"].split(), row["regions"].split(), f"{path}:{line}")
        for line, row in rows
    }
