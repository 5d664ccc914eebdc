"""What a look at a file's first rows tells: which columns hold what, and what stands between labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.rows.columns import (
    Known,
    are_marks,
    find_columns,
    is_set,
    longest_text,
    looks_like_labels,
    marked_columns,
)
from pipeline.rows.label_cells import guess_separator, is_missing, split_labels
from pipeline.rows.mapping import RowMapping
from pipeline.rows.paths import ABSENT, value_at

TASKS = ("topics", "regions")
_TEXT_LENGTH = 80
_SURE = (";", "|")
_UNNAMED = re.compile(r"column \d+")


@dataclass(slots=True)
class Layout:
    """Where a file's rows keep the fields of an article.

    `columns` holds the candidates for each field, the best first, `joined` several columns whose labels are put
    together, `marked` those that mark one label each, by the label's name.
    """

    columns: dict[str, tuple[str, ...]]
    separators: dict[str, str] = field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    marked: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def value(self, row: Mapping[str, Any], name: str) -> Any:
        """What a row has in the best column of a field that it has; ABSENT without one."""
        for column in self.columns.get(name, ()):
            value = value_at(row, column)
            if value is not ABSENT:
                return value
        return ABSENT

    def labels(self, row: Mapping[str, Any], task: str) -> Any:
        """What a row holds as labels of a task, several columns put together; ABSENT without any."""
        if task in self.marked:
            return [label for label, column in self.marked[task].items() if is_set(value_at(row, column))]
        if task not in self.joined:
            return self.value(row, task)
        given = [value_at(row, column) for column in self.joined[task]]
        parts = [value for value in given if value is not ABSENT and not is_missing(value, task == "regions")]
        return [label for value in parts for label in split_labels(value, self.separators.get(task, ""))]

    def as_dict(self) -> dict[str, Any]:
        """The best column of each field, and the signs between labels, as a mapping has them."""
        columns: dict[str, Any] = {name: names[0] for name, names in self.columns.items() if names}
        columns |= {task: list(names) for task, names in self.joined.items()}
        columns |= {task: list(names.values()) for task, names in self.marked.items()}
        return {"columns": columns, "separators": dict(self.separators)}

    def has(self, name: str) -> bool:
        """Whether there is anything to read a field from."""
        return bool(self.columns.get(name)) or name in self.joined or name in self.marked


def look(rows: Sequence[Mapping[str, Any]], mapping: RowMapping, known: Known | None, labelled: bool) -> Layout:
    """The layout of a file from its first rows; `labelled` also looks for labels by what stands in columns.

    `known` tells countries from other places; None takes any label for a region.
    """
    found = find_columns(rows, mapping.columns, known)
    layout = Layout(found.columns, joined=dict(found.joined))
    taken = {column for columns in found.columns.values() for column in columns}
    if rows and all(_UNNAMED.fullmatch(name) for name in rows[0]):
        layout.remarks.append(
            f"The first line looks like a row, not a header: columns are called {_named(list(rows[0]))}."
        )
    if found.strange and "regions" not in found.columns:
        layout.remarks.append(f"{_named(found.strange)} holds few countries: no regions are trained.")
    if "text" not in layout.columns and (text := longest_text(rows, taken, _TEXT_LENGTH)):
        layout.columns["text"] = (text,)
        taken.add(text)
    _settle_marks(layout, rows)
    if labelled and not any(map(layout.has, TASKS)):
        _find_labels(layout, rows, taken, found.strange, known)
    for task in TASKS:
        layout.separators[task] = _separator(rows, layout, task, mapping.separators.get(task))
    return layout


def _settle_marks(layout: Layout, rows: Sequence[Mapping[str, Any]]) -> None:
    """Named columns that hold marks, not labels, are labels themselves."""
    for task, columns in list(layout.joined.items()):
        if all(are_marks([value for row in rows if (value := value_at(row, one)) not in (ABSENT, None, "")], len(rows))
               for one in columns):  # fmt: skip
            layout.marked[task] = _names(columns)


def _find_labels(
    layout: Layout, rows: Sequence[Mapping[str, Any]], taken: set[str], strange: Sequence[str], known: Known | None
) -> None:
    """Labels that no column is named for: one column each, places that are no countries, or values that repeat."""
    marks = marked_columns(rows, taken)
    if marks:
        countries = known is not None and all(map(known, _names(marks)))
        layout.marked["regions" if countries else "topics"] = _names(marks)
        layout.remarks.append(f"Each label has a column of its own: {', '.join(_names(marks))}.")
    elif strange:
        layout.columns["topics"] = tuple(strange[:1])
    elif best := looks_like_labels(rows, taken) or looks_like_labels(rows, taken, numbers=True):
        layout.columns["topics"] = (best,)
        layout.remarks.append(f"No column is named like topics; '{best}' looks like labels.")


def _names(columns: Sequence[str]) -> dict[str, str]:
    """The label that each column is named for, without a beginning that all names share."""
    first, last = min(columns), max(columns)
    same = next((place for place, sign in enumerate(first) if sign != last[place : place + 1]), len(first))
    cut = max((first.rfind(sign, 0, same) + 1 for sign in "_.: -"), default=0)
    return {column[cut:].strip() or column: column for column in columns}


def _separator(rows: Sequence[Mapping[str, Any]], layout: Layout, task: str, known: str | None) -> str:
    """The sign between labels: the one that is known, unless the file has none of it and another plain one."""
    columns = layout.joined.get(task) or layout.columns.get(task, ())[:1]
    values = [value for row in rows for column in columns if (value := value_at(row, column)) is not ABSENT]
    guessed = guess_separator(values)
    if known is None:
        return guessed
    unseen = known and not any(known in value for value in values if isinstance(value, str))
    return guessed if unseen and guessed in _SURE else known


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f"'{column}'" for column in columns)
