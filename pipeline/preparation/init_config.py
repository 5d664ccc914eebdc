"""A configuration written from a look at people's own file."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.common.article import REGIONS
from pipeline.common.errors import DataError
from pipeline.common.files import write_text
from pipeline.features.language.detection import main_language
from pipeline.features.language.names import MULTI, language_name
from pipeline.features.language.reading import ENGLISH
from pipeline.rows.articles import ArticleReader
from pipeline.rows.dates import iso_date
from pipeline.rows.layout import TASKS, Layout
from pipeline.rows.mapping import FIELDS, RowMapping
from pipeline.rows.paths import ABSENT
from pipeline.rows.reader import Row, iter_files
from pipeline.rows.text_cells import BadRowError, text_of

_LOOKED_AT = 5000
_SHOWN = 8
_FEW = 5
_ENOUGH_LETTERS = 60  # shorter texts are often taken for another language
_NAMES = {"\n": "a line break", " ": "a blank", "": "none, one label a cell"}
_SLASHED = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{4}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_BORROW = {"topics": "", "regions": "; default takes the country tagger that comes with Dateline"}
_LEVELS = (" > ", ">", " / ", "/")
_YAML_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}


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
    """The first rows of a file or folder and what they seem to hold, as training will read them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = ArticleReader(RowMapping())
        read = list(itertools.islice(_rows(self._reader, path), _LOOKED_AT))
        self._rows = [(row.data, layout) for row, layout in read if row.data]
        self._bad = len(read) - len(self._rows)
        if not self._rows:
            first = f"; line {read[0][0].number}: {read[0][0].error}" if read else ""
            raise DataError(f"{path} holds no row that can be read{first}")
        self._check()
        self._problems: Counter[str] = Counter()
        self._labels = {task: found for task in TASKS if (found := self._counted(task))}
        self._remarks = [*self._reader.remarks, *self._reader.labels.look_alike_remarks(), *self._told()]
        if not self._labels:
            raise DataError(f"{path}: {self._no_labels()}")

    def summary(self, output: Path) -> Summary:
        labels: dict[str, dict[str, int]] = {task: dict(counts.most_common()) for task, counts in self._labels.items()}
        return Summary(output, len(self._rows) + self._bad, self._bad, self._shown_columns(), labels, self._remarks)

    def yaml(self, output: Path) -> str:
        name = re.sub(r"[^a-z0-9._-]+", "-", output.name.removesuffix(".yaml").lower()).strip("-._") or "my-articles"
        lines = [
            _one_line(f"# Written by `init` from a look at {self._path.name}; change what is wrong."),
            *(_one_line(f"# {remark}") for remark in self._remarks),
            f"name: {_quoted(name)}  # names data/prepared/<name> and models/<name>",
            f"description: {_quoted('Articles of ' + self._path.name)}",
            *self._language_lines(),
            "corpora:",
            "  - corpus: files",
            f"    path: {_quoted(str(self._path))}  # a file, or a folder of files",
            *self._column_lines(),
            "    separator: auto  # between labels in one cell: ';', ',', '|', ' ', or auto",
            "    labels: {merge_case: false}  # true: Sport, sport and SPORT are one; aliases: a CSV of name and label",
            "    # hierarchy: '/'  # Sport/Football lies under Sport",
            "    # encoding: cp1252  # of text files; found out without",
            "    empty_labels: none  # an empty cell means that the article has none; 'unlabelled': nobody labelled it",
            f"    day_first: {str(self._day_first()).lower()}  # 3/4/2025 is the third of April",
            "    max_bad: 0.1  # share of bad rows above which reading stops",
            "# vocabulary: topics.csv  # key, name, parent; without it every label in the file is a topic",
            "prepare:",
            f"  split: {self._split()}  # stratified, time (the latest articles are the test), or own",
            *(f"{task}: {self._unlabelled(task)}" for task in TASKS if task not in self._labels),
        ]
        return "\n".join(lines) + "\n"

    def _language_lines(self) -> list[str]:
        """The language that the texts are in, unless it is English."""
        self._language = main_language(text for text in self._texts() if len(text) >= _ENOUGH_LETTERS)
        if self._language == MULTI:
            return ["# language: multi  # the texts look as if they were in several languages"]
        name = language_name(self._language)
        return [] if self._language == ENGLISH else [f"language: {self._language}  # {name}, by a look at the texts"]

    def _texts(self) -> Iterator[str]:
        for data, layout in self._rows:
            with suppress(BadRowError):
                yield text_of(data, layout, "text")

    def _unlabelled(self, task: str) -> str:
        if task == REGIONS and self._language not in (ENGLISH, MULTI):
            return "default  # no labels for it: countries by the tagger that comes with Dateline; null leaves them out"
        return f"null  # no labels for it{_BORROW[task]}"

    def _check(self) -> None:
        """Raises DataError when no column holds a text, or none labels."""
        if not any(layout.has("text") for layout in self._reader.layouts):
            raise DataError(f"{self._path}: no column looks like the text of articles; there are {self._there()}")
        if not any(layout.has(task) for layout in self._reader.layouts for task in TASKS):
            raise DataError(f"{self._path}: no column looks like labels; there are {self._there()}")

    def _counted(self, task: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for data, layout in self._rows:
            try:
                counts.update(self._reader.labels.labels(data, layout, task) or ())
            except BadRowError as error:
                self._problems[str(error)] += 1
        return counts

    def _no_labels(self) -> str:
        """Why there are no labels."""
        columns = ", ".join(dict.fromkeys(f"'{name}'" for task in TASKS for name in self._shown(task)))
        why = "; ".join(f"{count} x {problem}" for problem, count in self._problems.most_common(3))
        return f"no label was found in the columns {columns}" + (f": {why}" if why else ": they are empty")

    def _told(self) -> list[str]:
        """What is odd about the labels."""
        found = [f"{count} rows: {problem}" for problem, count in self._problems.most_common(3)]
        if missing := self._reader.notes["labels_missing"]:
            found.append(f"{missing} cells of labels say that there is none, such as nan or N/A.")
        strange = [label for label in self._labels.get("regions", ()) if not self._reader.labels.is_country(label)]
        if strange:
            found.append(f"No countries, so these labels are left out: {', '.join(strange[:_SHOWN])}.")
        found += self._other_columns()
        if nested := next((sign for sign in _LEVELS if self._nested(sign)), ""):
            found.append(f"Topics look like levels: set hierarchy: '{nested}' to put them under each other.")
        if set(self._labels.get("topics", ())) <= {"true", "false"} and "topics" in self._labels:
            found.append("The labels are true and false: the model will tell these two apart.")
        return found

    def _other_columns(self) -> list[str]:
        """What is said of columns that could hold topics as well as the one that they are read from."""
        layouts = [one for one in self._reader.layouts if "topics" not in one.joined and "topics" not in one.marked]
        pairs = dict.fromkeys((names[0], name) for one in layouts if (names := one.columns.get("topics"))
                              for name in names[1:2] if not name.startswith(names[0]))  # fmt: skip
        return [f"Topics are read from '{best}'; '{other}' looks like topics too: change columns.topics, or list both."
                for best, other in list(pairs)[:_FEW]]  # fmt: skip

    def _nested(self, sign: str) -> bool:
        labels = self._labels.get("topics", Counter())
        return 0 < len(labels) <= 2 * sum(sign in label.strip("/") and "://" not in label for label in labels)

    def _shown_columns(self) -> dict[str, str]:
        return {field: ", ".join(names) for field in FIELDS if (names := self._shown(field))}

    def _shown(self, field: str) -> list[str]:
        """The columns of a field in all files, those that are not trained left out."""
        if field == "split" and self._split() != "own":
            return []
        if field in TASKS and field not in self._labels and hasattr(self, "_labels") and self._labels:
            return []
        return list(dict.fromkeys(name for layout in self._reader.layouts for name in _columns_of(layout, field)))

    def _column_lines(self) -> list[str]:
        """The columns by name, when all files have the same."""
        layouts = self._reader.layouts
        if any(_columns_of(layout, field) != _columns_of(layouts[0], field) for layout in layouts for field in FIELDS):
            found = "; ".join(f"{field}: {names}" for field, names in self._shown_columns().items())
            return ["    # The files have different columns, which are found in each by their usual names:",
                    _one_line(f"    # {found}"), *(f"    #{self._remark(task)}" for task in self._labels)]  # fmt: skip
        lines = ["    columns:"]
        for one in FIELDS:
            if names := self._shown(one):
                written = _quoted(names[0]) if len(names) == 1 else f"[{', '.join(map(_quoted, names))}]"
                lines.append(f"      {one}: {written}{self._remark(one)}")
        return lines + [
            f"      # {field}: no column found" for field in ("id", "title", "date") if not self._shown(field)
        ]

    def _remark(self, field: str) -> str:
        if field == "date":
            dates = self._dates()
            return f"  # {sum(bool(iso_date(one)) for one in dates)} of {len(dates)} are dates"
        if field not in self._labels:
            return ""
        counts = self._labels[field]
        rare = sum(count < _FEW for count in counts.values())
        common = ", ".join(f"{label} {count}" for label, count in counts.most_common(_SHOWN))
        sign = self._reader.layouts[0].separators.get(field, "")
        separator = _NAMES.get(sign, f"'{sign}'")
        return _one_line(
            f"  # separator: {separator}; {len(counts)} labels, {rare} of them under {_FEW} times: {common}"
        )

    def _day_first(self) -> bool:
        found = [match for value in self._dates() if (match := _SLASHED.match(str(value)))]
        months = range(1, 13)
        days_first = sum(int(match[1]) not in months for match in found)
        return days_first > sum(int(match[2]) not in months for match in found)

    def _dates(self) -> list[Any]:
        values = (layout.value(data, "date") for data, layout in self._rows)
        return [value for value in values if value is not ABSENT and value not in (None, "")]

    def _split(self) -> str:
        values = {str(data.get("split", "")).lower() for data, _ in self._rows}
        own = {"train", "test"} <= values <= {"train", "test", "validation", "valid", "val", "dev"}
        return "own" if own else "stratified"

    def _there(self) -> str:
        return ", ".join(dict.fromkeys(name for data, _ in self._rows for name in data))


def _columns_of(layout: Layout, field: str) -> list[str]:
    """The columns that a field is read from."""
    if field == "split":
        return ["split"]
    if field in layout.marked:
        return list(layout.marked[field].values())
    return list(layout.joined.get(field) or layout.columns.get(field, ())[:1])


def _rows(reader: ArticleReader, path: Path) -> Iterator[tuple[Row, Layout]]:
    for file in iter_files(path):
        yield from itertools.islice(reader.rows(file), _LOOKED_AT)


def _quoted(text: str) -> str:
    """A YAML string on one line, whatever it holds."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS
    written = json.dumps(text, ensure_ascii=False)
    return text if plain else "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in written)


def _one_line(text: str) -> str:
    """A comment that labels from the file can't break out of."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " " * (len(text) - len(text.lstrip())) + " ".join(words)
