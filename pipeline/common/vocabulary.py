"""IPTC's Media Topics: names in many languages, and what a release changes in a vocabulary that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.common.csv_table import read_table
from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.common.taxonomy import Taxonomy

MEDIATOPICS = Path("data/taxonomy/mediatopics.csv")
# IPTC's columns to language tags: for Danish and Swedish it writes the country.
LANGUAGES = {
    "ar": "ar", "de": "de", "dk": "da", "en-US": "en-US", "es": "es", "fr": "fr", "no-NB": "nb", "no-NN": "nn",
    "pt-PT": "pt", "pt-BR": "pt-BR", "se": "sv", "zh-Hans": "zh",
}  # fmt: skip
HEADER = [
    "key",
    "iptc",
    "name",
    "parent",
    "scope",
    "retired",
    "release",
    *(f"name_{tag}" for tag in LANGUAGES.values()),
]
_LEVELS = 6
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of a release: its NewsCode, name, the codes above it, nearest first, and when it was retired."""

    code: str
    name: str
    above: tuple[str, ...]
    retired: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a release says otherwise about a topic; `kind` is renamed, moved, retired or unknown."""

    key: str
    kind: str
    said: str


def topic_names(language: str) -> dict[str, str]:
    """NewsCodes to names in a language, `en` included. Raises DataError, naming the languages there are."""
    columns = {"en": "name", **{tag: f"name_{tag}" for tag in LANGUAGES.values()}}
    if language not in columns:
        raise DataError(f"topics have no names in '{language}'; there are {', '.join(sorted(columns))}")
    return {row["iptc"]: row[columns[language]] for row in _table() if row[columns[language]]}


def read_release(path: Path) -> tuple[str, dict[str, Concept]]:
    """The day and the concepts of a release, from IPTC's workbook (.xlsx) or a CSV such as mediatopics.csv.

    Raises DataError when it can't be read.
    """
    if path.suffix.casefold() == ".xlsx":
        rows = [dict(zip(HEADER, row, strict=True)) for row in workbook_rows(_cells(path), path)]
    else:
        rows = _csv(path)
    by_code = {row["iptc"]: row for row in rows}
    concepts = {}
    for code, row in by_code.items():
        above: list[str] = []
        parent = row["parent"]
        while parent in by_code and parent not in above:
            above.append(parent)
            parent = by_code[parent]["parent"]
        concepts[code] = Concept(code, row["name"], tuple(above), row.get("retired", ""))
    return next((row.get("release", "") for row in rows), ""), concepts


def changes(taxonomy: Taxonomy, release: dict[str, Concept]) -> list[Change]:
    """What a release renamed, moved or retired of a vocabulary's topics with NewsCodes, in the vocabulary's order.

    A topic that stands elsewhere on purpose (`ours`) has not moved.
    """
    found = []
    keys = {topic.iptc: topic.key for topic in taxonomy.topics.values() if topic.iptc}
    for topic in taxonomy.topics.values():
        concept = release.get(topic.iptc)
        if not topic.iptc:
            continue
        if concept is None:
            found.append(Change(topic.key, "unknown", f"{topic.iptc} ({topic.name}) is not in it"))
            continue
        if concept.retired:
            found.append(Change(topic.key, "retired", f"{topic.iptc} ({topic.name}) was retired on {concept.retired}"))
        if concept.name != topic.name:
            found.append(Change(topic.key, "renamed", f"{topic.iptc} is '{concept.name}', not '{topic.name}'"))
        place = [keys[code] for code in concept.above if code in keys]
        if topic.parent not in (place or [""]) and not topic.ours:
            where = " > ".join(release[code].name for code in reversed(concept.above)) or "the top"
            found.append(Change(topic.key, "moved", f"{topic.iptc} ({topic.name}) stands under {where}"))
    return found


def workbook_rows(cells: Sequence[Sequence[Any]], path: Path) -> Iterator[list[str]]:
    """The rows of HEADER from the cells of IPTC's workbook, parents before children, retired concepts included.

    Raises DataError for another workbook.
    """
    place = {str(name): column for column, name in enumerate(cells[1])} if len(cells) > 1 else {}
    needed = ["NewsCode-QCode (flat)", "Name (en-GB)", "Definition (en-GB)", *(f"Name ({name})" for name in LANGUAGES)]
    lacking = [name for name in needed if name not in place]
    if lacking:
        raise DataError(f"{path} is no workbook of Media Topics: the column '{lacking[0]}' is missing")
    day = _DATE.search(str(cells[0][0]))
    above: list[str] = []
    for row in cells[2:]:
        code = _text(row[place[needed[0]]])
        levels = [number for number in range(_LEVELS) if row[2 + number]]
        if code and levels:
            above = [*above[: levels[0]], code]
            own = [_text(row[place[needed[1]]]), above[-2] if levels[0] else "", _text(row[place[needed[2]]])]
            retired = _text(row[place["RetiredDate"]])[:10] if "RetiredDate" in place else ""
            names = [_text(row[place[f"Name ({name})"]]) for name in LANGUAGES]
            yield [code, code, *own, retired, day[0] if day else "", *names]


def _text(value: Any) -> str:
    """A cell on one line."""
    return " ".join(str(value or "").split())


def _cells(path: Path) -> list[list[Any]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise DataError(missing(f"{path}: reading a workbook", "excel")) from None
    try:
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError) as error:
        raise DataError(f"{path} can't be read as a workbook ({error})") from None


@cache
def _table() -> list[dict[str, str]]:
    return _csv(MEDIATOPICS)


def _csv(path: Path) -> list[dict[str, str]]:
    return [row for _, row in read_table(path, ("iptc", "name", "parent"), "a CSV of Media Topics")]
