"""The gazetteer's tables in data/taxonomy/, and the gazetteer that is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from pipeline.common.csv_table import read_table
from pipeline.common.project import project_file
from pipeline.features.gazetteer import (
    ABBREVIATION,
    ALL_CAPITALS,
    ANY_CASE,
    AREA,
    CAPITAL,
    CITY,
    COUNTRY,
    CURRENCY,
    DEMONYM,
    KINDS,
    SOME_CAPITAL,
    STATE,
    Entry,
    Gazetteer,
)
from pipeline.features.tokens import tokenize

_TABLES = ("countries.csv", "places.csv", "divisions.csv", "cities.csv")
_MORE_TABLES = ("abbreviations.csv", "compounds.csv", "phrases.csv")
_TYPICAL_CITY = 200_000.0
_WRITTEN_BY_HAND = 2_000_000.0


class _Record:
    """One name while the gazetteer is made: the best kind and the total weight for each code."""

    def __init__(self) -> None:
        self.case = ALL_CAPITALS
        self.kinds: dict[str, int] = {}
        self.sizes: dict[str, float] = {}

    def add(self, code: str, kind: int, size: float, case: int) -> None:
        self.case = min(self.case, case)
        if code:
            self.kinds[code] = min(kind, self.kinds.get(code, kind))
            self.sizes[code] = max(size, self.sizes.get(code, 0.0))

    def entries(self, place: Mapping[str, int]) -> list[Entry]:
        """(label index, kind, weight) of each code in use, weights in proportion to the square root of size."""
        roots = {code: size**0.5 for code, size in self.sizes.items()}
        total = sum(roots.values())
        shares = {code: root / total for code, root in roots.items() if root / total >= 0.05}
        return [(place[code], self.kinds[code], round(shares[code], 3)) for code in sorted(shares) if code in place]


def read_gazetteer(folder: Path, codes: Mapping[str, str] | None = None, more: Iterable[str] = ()) -> Gazetteer:
    """The gazetteer in `folder`: countries.csv, places.csv, divisions.csv and cities.csv, and if they are there,
    abbreviations.csv, compounds.csv and phrases.csv.

    `codes` maps a corpus's own codes to those of the files, blank-separated where one stands for several (or none);
    None takes the files' codes as they are. `more` are codes that shall be labels even if they have no name. Raises
    DataError if a file is missing or lacks a column.
    """
    stamps = tuple(_stamp(project_file(folder / table)) for table in (*_TABLES, *_MORE_TABLES))
    records, known = _read(folder, stamps)
    if codes is None:
        return _gazetteer(sorted({*known, *more}), records)
    return _gazetteer(sorted({*codes, *more}), _recoded(records, codes))


@lru_cache(1)
def _read(folder: Path, _stamps: tuple[object, ...]) -> tuple[dict[str, _Record], list[str]]:
    """What the tables say of each name, and all countries: read once, for the model to validate and the last one."""
    records: dict[str, _Record] = {}
    known: list[str] = []
    for row in _rows(folder / "countries.csv", ("code", "name", "capital", "aliases", "demonyms")):
        known.append(row["code"])
        for column, kind in (("name", COUNTRY), ("aliases", COUNTRY), ("demonyms", DEMONYM), ("capital", CAPITAL)):
            for name in filter(None, row[column].split(";")):
                _add(records, name, row["code"], kind, _WRITTEN_BY_HAND * 4)
    for row in _rows(folder / "places.csv", ("name", "code", "kind")):
        kind = KINDS.index(row["kind"]) if row["kind"] in KINDS else AREA
        _add(records, row["name"], row["code"], kind, _WRITTEN_BY_HAND)
    for row in _rows(folder / "divisions.csv", ("name", "code")):
        _add(records, row["name"], row["code"], STATE, _TYPICAL_CITY)
    for row in _rows(folder / "cities.csv", ("name", "code", "population")):
        _add(records, row["name"], row["code"], CITY, float(row["population"]))
    for row in _optional(folder / "abbreviations.csv", ("name", "code")):
        _add(records, row["name"], row["code"], ABBREVIATION, _TYPICAL_CITY)
    for row in chain.from_iterable(_optional(folder / table, ("name",)) for table in ("compounds.csv", "phrases.csv")):
        _add(records, row["name"], "", AREA, 0.0)
    return records, known


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes with a file."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def _gazetteer(labels: Sequence[str], records: Mapping[str, _Record]) -> Gazetteer:
    """A gazetteer from `records` by name; entries of codes that are not in `labels` are left out."""
    place = {label: i for i, label in enumerate(labels)}
    names = sorted(records)
    entries = [tuple(records[name].entries(place)) for name in names]
    return Gazetteer(tuple(labels), names, [records[name].case for name in names], entries)


def _add(records: dict[str, _Record], name: str, code: str, kind: int, size: float) -> None:
    tokens = tokenize(name)
    if not tokens.words:
        return
    case = ANY_CASE if kind == CURRENCY or name.islower() else SOME_CAPITAL
    if len(tokens.words) == 1 and len(name) <= 5 and name.isascii() and name.replace(".", "").isupper():
        case = ALL_CAPITALS
    records.setdefault(" ".join(tokens.words), _Record()).add(code, kind, size, case)


def _recoded(records: Mapping[str, _Record], codes: Mapping[str, str]) -> dict[str, _Record]:
    own: dict[str, list[str]] = {}
    for code, meant in codes.items():
        for known in meant.split():
            own.setdefault(known, []).append(code)
    changed: dict[str, _Record] = {}
    for name, record in records.items():
        changed[name] = _Record()
        changed[name].add("", 0, 0.0, record.case)
        for known, kind in record.kinds.items():
            for code in own.get(known, [f"other {known}"]):
                changed[name].add(code, kind, record.sizes[known], record.case)
    return changed


def people_names(folder: Path) -> tuple[list[str], list[str]]:
    """Given names and surnames in lower case, of given_names.csv and surnames.csv; none if these aren't there."""
    tables = (_optional(folder / table, ("name",)) for table in ("given_names.csv", "surnames.csv"))
    given, surnames = ([row["name"] for row in table] for table in tables)
    return given, surnames


def _optional(path: Path, columns: Sequence[str]) -> Iterable[dict[str, str]]:
    return _rows(path, columns) if path.exists() else ()


def _rows(path: Path, columns: Sequence[str]) -> Iterable[dict[str, str]]:
    return (row for _, row in read_table(path, columns, "a table of the gazetteer"))
