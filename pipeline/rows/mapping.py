"""How rows become articles: what a configuration says of them, and what a model's training found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from pipeline.common.errors import DataError

FIELDS = ("id", "title", "text", "date", "source", "url", "topics", "regions", "split")
COUNTRIES = "data/taxonomy/countries.csv"
Named = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RowMapping:
    """Which columns hold what, and how what they hold is read; it travels in the predictor's description.

    `columns` names columns (or paths such as `headline.main`) of FIELDS; `separators` the sign between labels of each
    task, where it is known; `aliases` maps labels as written to labels. Without `countries` regions stay as written.
    `strict` says that the columns were named by hand for this very file, so that one that no row has is an error.
    `others` are columns and separators of other files that a model was trained on.
    """

    columns: Named = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    empty_labels: str = "none"
    day_first: bool = False
    encoding: str = ""
    hierarchy: str = ""
    merge_case: bool = False
    countries: str | None = COUNTRIES
    strict: bool = False
    others: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, those that say nothing left out."""
        usual = asdict(RowMapping())
        return {name: value for name, value in asdict(self).items() if value != usual[name] and name != "strict"}

    def with_columns(self, named: Named) -> RowMapping:
        """The same with columns named by hand, which the file must have."""
        if not named:
            return self
        others = tuple({**one, "columns": {**one.get("columns", {}), **named}} for one in self.others)
        return replace(self, columns={**self.columns, **named}, others=others, strict=True)

    def for_columns(self, has: Callable[[str], bool]) -> RowMapping:
        """The mapping of that file among those known whose columns a file has the most of."""
        if not self.others:
            return self
        known = [self, *(replace(self, **one) for one in map(_layout, self.others))]
        return max(known, key=lambda one: _share(one.columns, has))


def from_dict(values: Any) -> RowMapping:
    """The inverse of `as_dict`; what is of another type, as in a description by someone else, is passed over."""
    known = {one.name: getattr(RowMapping(), one.name) for one in fields(RowMapping) if one.name != "strict"}
    given = dict(values) if isinstance(values, Mapping) else {}
    if isinstance(given.get("others"), list | tuple):
        given["others"] = tuple(one for one in given["others"] if isinstance(one, Mapping))
    kept = {name: given[name] for name, usual in known.items() if name in given and _alike(given[name], usual)}
    if "columns" in kept:
        kept["columns"] = _named(kept["columns"])
    if given.get("countries", "") is None:
        kept["countries"] = None
    return RowMapping(**kept)


def _layout(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns and separators of another file, as `RowMapping` has them."""
    separators = given.get("separators")
    columns = given.get("columns")
    return {
        "columns": _named(columns) if isinstance(columns, Mapping) else {},
        "separators": dict(separators) if isinstance(separators, Mapping) else {},
    }


def _named(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in columns.items()}


def _share(columns: Named, has: Callable[[str], bool]) -> float:
    """The share of columns that are there."""
    names = [one for given in columns.values() for one in ((given,) if isinstance(given, str) else given)]
    return sum(map(has, names)) / len(names) if names else 0.0


def parse_columns(options: Iterable[str]) -> dict[str, str]:
    """The columns that options such as `text=body` name. Raises DataError."""
    found = {}
    for option in options:
        name, equals, column = option.partition("=")
        if not equals or not column.strip() or name.strip() not in FIELDS:
            raise DataError(f"--column {option}: write it as field=column; the fields are {', '.join(FIELDS)}")
        found[name.strip()] = column.strip()
    return found


def _alike(value: Any, usual: Any) -> bool:
    return isinstance(value, Mapping) if isinstance(usual, Mapping) else isinstance(value, type(usual))
