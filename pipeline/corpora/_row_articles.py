"""Rows of people's data, whatever their columns, to articles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.taxonomy import CountryNames
from pipeline.rows.columns import USUAL_NAMES, Columns
from pipeline.rows.dates import iso_date
from pipeline.rows.label_cells import AUTO, guess_separator, split_labels

_SPLITS = {"train": "train", "training": "train", "validation": "validation", "valid": "validation",
           "val": "validation", "dev": "validation", "test": "test", "testing": "test"}  # fmt: skip
_CLIPPED = 200


class RowOptions(BaseModel):
    """How rows are read: shared by the corpora whose rows have columns of people's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Columns = Field(Columns(), description="column names; the usual ones are found without")
    separator: str = Field(AUTO, max_length=4, description="between labels in one cell: ';', ',', '|', ' ', or auto")
    empty_labels: Literal["none", "unlabelled"] = Field(
        "none", description="what an empty cell of labels means: the article has none, or nobody labelled it"
    )
    day_first: bool = Field(False, description="3/4/2025 is the third of April")
    countries: Path | None = Field(
        Path("data/taxonomy/countries.csv"), description="turns country names into codes; null keeps regions as written"
    )


class _BadRowError(Exception):
    """What is wrong with a row, in words."""


class RowArticles:
    """Makes articles of rows, and remembers the columns and ids that it has seen."""

    def __init__(self, options: RowOptions, source: str, sample: Iterable[dict[str, Any]]) -> None:
        """`sample` is a look at the first rows, from which separators are told."""
        self.dates_lost = 0
        self._options = options
        self._source = source
        self._ids: set[str] = set()
        self._columns: dict[tuple[str, ...], dict[str, str]] = {}
        self._countries = CountryNames(options.countries) if options.countries else None
        self._separators = dict.fromkeys(("topics", "regions"), options.separator)
        rows = list(sample)
        for data in rows:
            self._found(data)
        if options.separator == AUTO:
            self._separators = {field: self._guessed(field, rows) for field in self._separators}

    def item(self, data: dict[str, Any], where: str, name: str) -> Article | Reject:
        """The article in a row, `name` its id when it has none; or what is wrong with it."""
        try:
            return self._article(data, where, name)
        except _BadRowError as error:
            return Reject(where, str(error), str(data.get("id", "")), _clipped(data))

    def check_columns(self, origin: str) -> None:
        """Raises DataError for a column that was named, or a text or label column, that no row has had."""
        there = sorted({name for names in self._columns for name in names})
        if not there:
            return
        for field, name in self._options.columns.named().items():
            if name not in there:
                near = difflib.get_close_matches(name, there, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(there)}"
                raise DataError(f"{origin}: no row has the column '{name}' of columns.{field}; {hint}")
        fields = {field for found in self._columns.values() for field in found}
        for wanted, either in (("text", {"text", "title"}), ("topics", {"topics", "regions"})):
            if not fields & either:
                usual = ", ".join(USUAL_NAMES[wanted][:4])
                choice = ", ".join(there)
                raise DataError(f"{origin}: no column of {wanted} ({usual}): set columns.{wanted} to one of {choice}")

    def _article(self, data: dict[str, Any], where: str, name: str) -> Article:
        columns = self._found(data)
        article = Article(
            id=_text(data, columns, "id") or name,
            title=_text(data, columns, "title"),
            text=_text(data, columns, "text"),
            date=self._date(_value(data, columns, "date")),
            source=_text(data, columns, "source") or self._source,
            url=_text(data, columns, "url"),
            topics=self._labels(data, columns, "topics"),
            regions=self._labels(data, columns, "regions"),
            split=_split(data, columns),
            where=where,
        )
        if not article.text and not article.title:
            raise _BadRowError(f"column '{columns['text']}' is empty" if "text" in columns else "there is no text")
        if article.id in self._ids:
            raise _BadRowError(f"the id '{article.id}' stands twice")
        self._ids.add(article.id)
        return article

    def _found(self, data: dict[str, Any]) -> dict[str, str]:
        names = tuple(data)
        if names not in self._columns:
            self._columns[names] = self._options.columns.found(names)
        return self._columns[names]

    def _guessed(self, field: str, rows: list[dict[str, Any]]) -> str:
        return guess_separator(_value(data, self._found(data), field) for data in rows)

    def _date(self, value: Any) -> str:
        found = iso_date(value, self._options.day_first)
        self.dates_lost += bool(value) and not found
        return found

    def _labels(self, data: dict[str, Any], columns: dict[str, str], field: str) -> list[str] | None:
        value = _value(data, columns, field)
        if value is None:
            return None
        if isinstance(value, str) and not value.strip():
            return [] if self._options.empty_labels == "none" else None
        try:
            labels = split_labels(value, self._separators[field])
        except ValueError as error:
            raise _BadRowError(f"column '{columns[field]}': {error}") from None
        if field == "regions" and self._countries:
            labels = list(dict.fromkeys(map(self._countries.code, labels)))
        return labels


def _value(data: dict[str, Any], columns: dict[str, str], field: str) -> Any:
    """What a row has in the column of a field; None without such a column."""
    return data.get(columns[field]) if field in columns else None


def _text(data: dict[str, Any], columns: dict[str, str], field: str) -> str:
    value = _value(data, columns, field)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _BadRowError(f"column '{columns[field]}' holds a {type(value).__name__}, not text")


def _split(data: dict[str, Any], columns: dict[str, str]) -> Any:
    written = _text(data, columns, "split").lower()
    if written and written not in _SPLITS:
        raise _BadRowError(f"column '{columns['split']}' is '{written}', not train, validation or test")
    return _SPLITS.get(written)


def _clipped(data: dict[str, Any]) -> dict[str, object]:
    """The row for the list of rejects, long texts cut."""
    return {name: value[:_CLIPPED] if isinstance(value, str) else value for name, value in data.items()}
