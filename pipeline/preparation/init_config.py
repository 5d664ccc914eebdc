"""A configuration written from a look at people's own file."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError
from pipeline.common.files import write_text
from pipeline.common.project import project_file
from pipeline.common.taxonomy import CountryNames
from pipeline.rows.columns import Columns
from pipeline.rows.dates import iso_date
from pipeline.rows.label_cells import guess_separator, split_labels
from pipeline.rows.reader import Row, iter_files, read_rows

_LOOKED_AT = 5000
_TEXT_LENGTH = 80
_LABEL_LENGTH = 60
_SHOWN = 8
_FEW = 5
_NAMES = {";": "';'", "|": "'|'", ",": "','", " ": "a blank", "": "none, one label a cell"}
_SLASHED = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{4}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_YAML_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}
_COUNTRIES = Path("data/taxonomy/countries.csv")


@dataclass(slots=True)
class Summary:
    """What the look at the file found."""

    output: Path
    rows: int
    bad: int
    columns: dict[str, str]
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def write_config(path: Path, output: Path, force: bool = False) -> Summary:
    """Write a commented configuration for the labelled articles in a file or folder.

    Raises DataError when the file can't be read, no column looks like text or like labels, or `output` is there.
    """
    if output.exists() and not force:
        raise DataError(f"{output} is there already: give another name, or --force")
    look = _Look(path)
    write_text(output, look.yaml(output))
    return look.summary(output)


class _Look:
    """The first rows of a file and what its columns seem to hold."""

    def __init__(self, path: Path) -> None:
        self._path = path
        found = list(itertools.islice(_rows(path), _LOOKED_AT))
        self._rows = [row.data for row in found if row.data]
        self._bad = len(found) - len(self._rows)
        if not self._rows:
            first = f"; line {found[0].number}: {found[0].error}" if found else ""
            raise DataError(f"{path} holds no row that can be read{first}")
        self._names = list(dict.fromkeys(name for row in self._rows for name in row))
        self._remarks: list[str] = []
        self._columns = self._found_columns()
        self._separators: dict[str, str] = {}
        self._labels = {task: self._counted(task) for task in ("topics", "regions") if task in self._columns}
        self._settle_regions()

    def summary(self, output: Path) -> Summary:
        labels: dict[str, dict[str, int]] = {task: dict(counts) for task, counts in self._labels.items()}
        return Summary(output, len(self._rows) + self._bad, self._bad, self._columns, labels, self._remarks)

    def yaml(self, output: Path) -> str:
        name = re.sub(r"[^a-z0-9._-]+", "-", output.name.removesuffix(".yaml").lower()).strip("-._") or "my-articles"
        lines = [
            _one_line(f"# Written by `init` from a look at {self._path.name}; change what is wrong."),
            *(_one_line(f"# {remark}") for remark in self._remarks),
            f"name: {_quoted(name)}  # names data/prepared/<name> and models/<name>",
            f"description: {_quoted('Articles of ' + self._path.name)}",
            "corpora:",
            "  - corpus: files",
            f"    path: {_quoted(str(self._path))}  # a file, or a folder of files",
            "    columns:",
            *(f"      {task}: {_quoted(column)}{self._remark(task)}" for task, column in self._columns.items()),
            *(f"      # {task}: no column found" for task in ("id", "title", "date") if task not in self._columns),
            "    separator: auto  # between labels in one cell: ';', ',', '|', ' ', or auto",
            "    empty_labels: none  # an empty cell means that the article has none; 'unlabelled': nobody labelled it",
            f"    day_first: {str(self._day_first()).lower()}  # 3/4/2025 is the third of April",
            "    max_bad: 0.1  # share of bad rows above which reading stops",
            "# vocabulary: topics.csv  # key, name, parent; without it every label in the file is a topic",
            "prepare:",
            f"  split: {self._split()}  # stratified, time (the latest articles are the test), or own",
            *(f"{task}: null  # no column for it" for task in ("topics", "regions") if task not in self._columns),
        ]
        return "\n".join(lines) + "\n"

    def _found_columns(self) -> dict[str, str]:
        columns = Columns().found(self._names)
        if "text" not in columns:
            columns["text"] = self._longest(set(columns.values()))
        if not {"topics", "regions"} & set(columns):
            columns["topics"] = self._label_column(set(columns.values()))
        if self._is_split():
            columns["split"] = "split"
        order = list(Columns.model_fields)
        return dict(sorted(columns.items(), key=lambda item: order.index(item[0])))

    def _longest(self, taken: set[str]) -> str:
        lengths = {name: self._mean_length(name) for name in self._names if name not in taken}
        best = max(lengths, key=lengths.__getitem__, default=None)
        if best is None or lengths[best] < _TEXT_LENGTH:
            raise DataError(f"{self._path}: no column looks like the text of articles; there are {self._there()}")
        return best

    def _label_column(self, taken: set[str]) -> str:
        """The column with the fewest values among those that repeat a few short ones."""
        distinct = {name: len({json.dumps(value) for value in self._values(name)}) for name in self._names}
        usable = [
            name
            for name in self._names
            if name not in taken
            and 1 < distinct[name] <= len(self._values(name)) // 2
            and self._mean_length(name) <= _LABEL_LENGTH
        ]
        if not usable:
            raise DataError(f"{self._path}: no column looks like labels; there are {self._there()}")
        best = min(usable, key=distinct.__getitem__)
        self._remarks.append(f"No column is named like topics; '{best}' looks like labels.")
        return best

    def _counted(self, task: str) -> Counter[str]:
        values = self._values(self._columns[task])
        self._separators[task] = guess_separator(values)
        counts: Counter[str] = Counter()
        for value in values:
            try:
                counts.update(split_labels(value, self._separators[task]))
            except ValueError:
                continue
        return counts

    def _settle_regions(self) -> None:
        """Regions that are mostly no countries become topics, or are left out when there are topics."""
        counts = self._labels.get("regions")
        if not counts or not project_file(_COUNTRIES).is_file():
            return
        known = CountryNames(_COUNTRIES)
        strange = [label for label in counts if label not in known]
        if len(strange) * 2 <= len(counts):
            if strange:
                self._remarks.append(f"No countries, so their rows are rejected: {', '.join(strange[:_SHOWN])}.")
            return
        column = self._columns.pop("regions")
        del self._labels["regions"]
        self._remarks.append(f"'{column}' holds few countries ({', '.join(strange[:_SHOWN])}): no regions are trained.")
        if "topics" not in self._columns:
            self._columns["topics"] = column
            self._labels["topics"] = counts
            self._separators["topics"] = self._separators["regions"]

    def _remark(self, task: str) -> str:
        if task == "date":
            dates = self._values(self._columns["date"])
            return f"  # {sum(bool(iso_date(one)) for one in dates)} of {len(dates)} are dates"
        if task not in self._labels:
            return ""
        counts = self._labels[task]
        rare = sum(count < _FEW for count in counts.values())
        common = ", ".join(f"{label} {count}" for label, count in counts.most_common(_SHOWN))
        return _one_line(f"  # separator: {_NAMES[self._separators[task]]}; {len(counts)} labels, {rare} of them "
                         f"under {_FEW} times: {common}")  # fmt: skip

    def _day_first(self) -> bool:
        column = self._columns.get("date")
        found = [match for value in self._values(column) if (match := _SLASHED.match(str(value)))] if column else []
        months = range(1, 13)
        days_first = sum(int(match[1]) not in months for match in found)
        return days_first > sum(int(match[2]) not in months for match in found)

    def _split(self) -> str:
        return "own" if "split" in self._columns else "stratified"

    def _is_split(self) -> bool:
        values = {str(row.get("split", "")).lower() for row in self._rows}
        return {"train", "test"} <= values <= {"train", "test", "validation", "valid", "val", "dev"}

    def _values(self, column: str) -> list[Any]:
        return [value for row in self._rows if (value := row.get(column)) not in (None, "", [])]

    def _mean_length(self, column: str) -> float:
        texts = [value for value in self._values(column) if isinstance(value, str)]
        return sum(map(len, texts)) / len(texts) if texts else 0.0

    def _there(self) -> str:
        return ", ".join(self._names)


def _rows(path: Path) -> Iterator[Row]:
    return itertools.chain.from_iterable(read_rows(file) for file in iter_files(path))


def _quoted(text: str) -> str:
    """A YAML string on one line, whatever it holds."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS
    written = json.dumps(text, ensure_ascii=False)
    return text if plain else "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in written)


def _one_line(text: str) -> str:
    """A comment that labels from the file can't break out of."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " " * (len(text) - len(text.lstrip())) + " ".join(words)
