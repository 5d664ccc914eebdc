"""Which columns of a people's file hold what, by their names and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.rows.column_names import rank, words
from pipeline.rows.dates import iso_date
from pipeline.rows.label_cells import guess_separator, split_labels
from pipeline.rows.mapping import Named
from pipeline.rows.paths import paths_in

Known = Callable[[str], bool]
_ORDER = ("text", "title", "id", "url", "date", "topics", "regions", "source")
_SHORT, _LONG_LABEL = 60, 150
_PLAIN_NAMES = 4  # topics, topic, labels and label mean what they say
_LOOKED_AT, _WORDS, _MOST_CLASSES = 100, 0.6, 50
_MARKS = frozenset(("0", "1", "0.0", "1.0", "true", "false", "yes", "no", "x", "y", "n", ""))
_SET = frozenset(("1", "1.0", "true", "yes", "x", "y"))
_NO_LABELS = frozenset(
    (  # noqa: SIM905
        "id ids author authors byline creator status type lang language locale sprache langue idioma lingua annotator "
        "user editor format mime image images photo url link slug guid uuid version parent order count comment "
        "comments ping password modified template date time year month day number length words score answer hash "
        "session lead tokens meta is has paid premium sponsored published active enabled deleted split set fold price "
        "rating "
    ).split()
)
_NUMBERED = re.compile(r"(.+?)[ _.-]?\d+$")


@dataclass(slots=True)
class Found:
    """The columns of each field, the best first; those of labels put together; those that hold no countries."""

    columns: dict[str, tuple[str, ...]]
    joined: dict[str, tuple[str, ...]]
    strange: tuple[str, ...] = ()


def find_columns(rows: Sequence[Mapping[str, Any]], named: Named, known: Known | None) -> Found:
    """The columns of each field of an article; `named` ones come before those found.

    Names are trusted only when what stands in a sample of rows agrees: topics are no dates, and regions are labels that
    are `known` as countries (None takes any).
    """
    values = _columns(rows)
    own = {field: (columns,) if isinstance(columns, str) else tuple(columns) for field, columns in named.items()}
    found = Found({}, {field: columns for field, columns in own.items() if len(columns) > 1})
    taken = {column for columns in own.values() for column in columns}
    for field in _ORDER:
        usable = [path for path in values if path not in taken and rank(field, path) is not None]
        usable.sort(key=lambda path: (not values[path], rank(field, path) or 0.0))
        fits = [path for path in usable if _fits(field, path, values[path], known)]
        if field == "topics" and len(fits) > 1 and (rank(field, fits[0]) or 0) >= _PLAIN_NAMES:
            fits.sort(key=lambda path: not _recur(values[path]))
        if field == "regions":
            found.strange = tuple(path for path in usable if path not in fits and values[path])
        if field not in found.joined and fits and (series := _together(field, fits[0], values)):
            found.joined[field] = series
        if fits:
            found.columns[field] = tuple(fits)
            taken.update(fits)
    for field, columns in own.items():
        found.columns[field] = tuple(dict.fromkeys((*columns, *found.columns.get(field, ()))))
    return found


def marked_columns(rows: Sequence[Mapping[str, Any]], taken: set[str]) -> list[str]:
    """Columns that mark labels with 1 and 0, one column per label; empty unless there are two or more."""
    values = _columns(rows)
    found = [
        name
        for name, given in values.items()
        if name not in taken and not _NO_LABELS & set(words(name)) and "." not in name and are_marks(given, len(rows))
    ]
    return found if len(found) > 1 else []


def are_marks(values: Sequence[Any], rows: int) -> bool:
    """Whether the values of a column, in so many rows, say of each row whether it has one label."""
    written = {str(value).strip().lower() for value in values}
    both = bool(written & _SET) and (len(values) < rows or bool(written - _SET))
    return written <= _MARKS and both


def is_set(mark: Any) -> bool:
    """Whether a mark of a label's own column is set."""
    return mark >= 0.5 if isinstance(mark, bool | int | float) else str(mark).strip().lower() in _SET


def looks_like_labels(rows: Sequence[Mapping[str, Any]], taken: set[str], numbers: bool = False) -> str | None:
    """The column with the fewest values among those that repeat a few short ones; None when there is none.

    With `numbers` a column of a few whole numbers will do, as where classes have no names.
    """
    distinct = {}
    for path, given in _columns(rows).items():
        different = len({repr(value) for value in given})
        if path not in taken and 1 < different <= len(given) // 2 and _could_be_labels(path, given, numbers):
            distinct[path] = different
    return min(distinct, key=distinct.__getitem__, default=None)


def longest_text(rows: Sequence[Mapping[str, Any]], taken: set[str], least: int) -> str | None:
    """The column with the longest texts, if these have `least` characters on average."""
    lengths = {
        path: _mean_length(given) for path, given in _columns(rows).items() if path not in taken and _is_prose(given)
    }
    best = max(lengths, key=lengths.__getitem__, default=None)
    return best if best is not None and lengths[best] >= least else None


def _is_prose(values: list[Any]) -> bool:
    """Whether most of what stands in a column are words, not numbers or addresses."""
    tokens = [token for value in values[:_LOOKED_AT] if isinstance(value, str) for token in value[:1000].split()]
    return sum(token.strip(".,:;!?\"'()-").isalpha() for token in tokens) > _WORDS * len(tokens)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of each column, and of each path within one, without the empty ones."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        for path, value in paths_in(row):
            given = found.setdefault(path, [])
            if value not in (None, "", []):
                given.append(value)
    by_kind = {path.partition("[name=")[0] for path in found if "[name=" in path}
    return {path: given for path, given in found.items() if path not in by_kind}


def _fits(field: str, path: str, values: list[Any], known: Known | None) -> bool:
    """Whether what stands in a column agrees with its name; one without values does."""
    if not values:
        return field != "regions"
    if field in ("text", "title"):
        kinds = str | int | float if field == "title" else str | int | float | list
        return any(isinstance(value, kinds) for value in values) and not ("subject" in words(path) and _repeats(values))
    if field == "date":
        return _share(values, _is_date) >= 0.5
    if field == "regions":
        return known is None or _holds_countries(values, known)
    return _are_topics(values) if field == "topics" else not all(isinstance(value, dict | list) for value in values)


def _are_topics(values: list[Any]) -> bool:
    if _share(values, _is_date) >= 0.5:
        return False
    texts = [value for value in values if isinstance(value, str)]
    return not texts or sum(map(len, texts)) / len(texts) <= _LONG_LABEL


def _holds_countries(values: list[Any], known: Known) -> bool:
    """Whether at least half of the different labels are countries."""
    separator = guess_separator(values)
    labels = {label for value in values for label in _split(value, separator)}
    return bool(labels) and sum(map(known, labels)) * 2 >= len(labels)


def _recur(values: list[Any]) -> bool:
    """Whether labels come back: tags made up for one article don't, and one label for all articles tells nothing."""
    separator = guess_separator(values)
    labels = [label for value in values[:_LOOKED_AT] for label in _split(value, separator)]
    return 1 < len(set(labels)) <= len(labels) / 2


def _split(value: Any, separator: str) -> list[str]:
    try:
        return split_labels(value, separator)
    except ValueError:
        return []


def _together(field: str, best: str, values: Mapping[str, list[Any]]) -> tuple[str, ...]:
    """The columns of a numbered series, `topic_1`, `topic_2`, all of which hold labels."""
    match = _NUMBERED.fullmatch(best)
    if field not in ("topics", "regions") or not match:
        return ()
    series = [name for name in values if (other := _NUMBERED.fullmatch(name)) and other[1] == match[1]]
    return tuple(series) if len(series) > 1 else ()


def _could_be_labels(path: str, values: list[Any], numbers: bool) -> bool:
    if _NO_LABELS & set(words(path.rsplit(".", 1)[-1])) or any(isinstance(value, float) for value in values):
        return False
    if numbers:
        return len(set(map(repr, values))) <= _MOST_CLASSES and all(str(value).strip().isdecimal() for value in values)
    if _share(values, _is_date) >= 0.5 or _share(values, _is_number) >= 0.5:
        return False
    return _share(values, lambda value: isinstance(value, str | list | bool | dict)) == 1 and (
        _mean_length(values) <= _SHORT
    )


def _repeats(values: list[Any]) -> bool:
    """Whether a few short values stand in a column again and again, as labels do and titles don't."""
    return len(values) >= 10 and len({str(value) for value in values}) * 2 < len(values)


def _is_date(value: Any) -> bool:
    return isinstance(value, str | int | float) and bool(iso_date(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lstrip("-").replace(".", "", 1).isdecimal()


def _mean_length(values: list[Any]) -> float:
    texts = [value for value in values if isinstance(value, str)]
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def _share(values: list[Any], test: Callable[[Any], bool]) -> float:
    return sum(map(test, values)) / len(values)
