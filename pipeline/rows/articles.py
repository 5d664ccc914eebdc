"""The one reader of people's articles: rows of any file, by a mapping or a look at the file, to articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.markup import without_markup
from pipeline.common.wording import nearest
from pipeline.rows.annotations import flattened
from pipeline.rows.column_names import USUAL_NAMES
from pipeline.rows.dates import iso_date
from pipeline.rows.joined_rows import same_article
from pipeline.rows.label_reader import LabelReader, country_names
from pipeline.rows.layout import TASKS, Layout, look
from pipeline.rows.mapping import RowMapping
from pipeline.rows.paths import ABSENT, paths_in, value_at
from pipeline.rows.reader import Row, first_rows, read_rows
from pipeline.rows.text_cells import BadRowError, text_of

_SPLITS = {"train": "train", "training": "train", "validation": "validation", "valid": "validation",
           "val": "validation", "dev": "validation", "test": "test", "testing": "test"}  # fmt: skip
_CLIPPED, _MOST_LAYOUTS = 200, 50
Say = Callable[[str], None]


class ArticleReader:
    """Reads files of one mapping, each with its own look at its first rows; remembers ids, labels and what was odd."""

    def __init__(self, mapping: RowMapping, labelled: bool = True, unique: bool = True) -> None:
        """`labelled` looks for labels even where no column is named for them; `unique` ids may not stand twice.

        Raises DataError without countries where labels are looked for.
        """
        self._unique = unique
        self.notes: Counter[str] = Counter()
        self.remarks: dict[str, None] = {}
        self.layouts: list[Layout] = []
        self._mapping = mapping
        self._labelled = labelled
        if labelled and mapping.countries:
            country_names(mapping.countries)
        self.labels = LabelReader(mapping, self.notes)
        self._ids: dict[str, str] = {}  # and the file that has each
        self._last: Article | None = None
        self._seen: set[str] = set()
        self._missing = {name for one in mapping.columns.values() for name in ((one,) if isinstance(one, str) else one)}

    def rows(self, path: Path) -> Iterator[tuple[Row, Layout]]:
        """The rows of a file as its tool meant them, and where each keeps the fields. Raises DataError."""
        yield from self.with_layout(flattened(read_rows(path, encoding=self._mapping.encoding)))

    def with_layout(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Layout]]:
        """Rows, and the layout that the first of them show. A DataError among these is raised behind those before."""
        rows = iter(rows)
        first, problem = first_rows(rows)
        sample = [row.data for row in first if row.data is not None]
        mapping = self._mapping.for_columns(lambda name: any(value_at(one, name) is not ABSENT for one in sample))
        layout = look(sample, mapping, self.labels.is_country if mapping.countries else None, self._labelled)
        self.layouts.append(layout)
        self._seen.update(path for data in sample for path, _ in paths_in(data))
        self.remarks.update(dict.fromkeys(layout.remarks))
        self._missing -= {name for name in self._missing if any(value_at(one, name) is not ABSENT for one in sample)}
        self.labels.settle_spellings(sample, layout)
        for row in chain(first, rows):
            if self._missing and row.data is not None:
                data = row.data
                self._missing = {name for name in self._missing if value_at(data, name) is ABSENT}
            yield row, layout
        if problem:
            raise problem

    def article(self, row: Row, layout: Layout, name: str, source: str) -> Article | Reject:
        """The article in a row, `name` its id when it has none; or what is wrong with it."""
        if row.data is None:
            return Reject(row.where, row.error)
        try:
            return self._article(row, row.data, layout, name, source)
        except BadRowError as error:
            return Reject(row.where, str(error), str(row.data.get("id", "")), _clipped(row.data))

    def check_columns(self, origin: str) -> None:
        """Raises DataError for a column that was named, or a text or label column, that no row has had."""
        there = sorted(self._seen)
        if not there:
            return
        for field, named in self._mapping.columns.items() if self._mapping.strict else ():
            for name in (named,) if isinstance(named, str) else named:
                if name in self._missing:
                    near = nearest(name, there)
                    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(there)}"
                    raise DataError(f"{origin}: no row has the column '{name}' of columns.{field}; {hint}")
        for wanted, either in (("text", ("text", "title")), *((("topics", TASKS),) if self._labelled else ())):
            if not any(layout.has(field) for layout in self.layouts for field in either):
                usual, choice = ", ".join(USUAL_NAMES[wanted][:4]), ", ".join(there)
                raise DataError(f"{origin}: no column of {wanted} ({usual}): set columns.{wanted} to one of {choice}")

    def resolved(self) -> dict[str, Any]:
        """The mapping with what was found in the files, for the predictor's description."""
        first, *others = _different(self.layouts) or [Layout({}).as_dict()]
        return self._mapping.as_dict() | first | ({"others": others[:_MOST_LAYOUTS]} if others else {})

    def _article(self, row: Row, data: Mapping[str, Any], layout: Layout, name: str, source: str) -> Article:
        article = Article(
            id=text_of(data, layout, "id") or name,
            title=without_markup(text_of(data, layout, "title")),
            text=without_markup(text_of(data, layout, "text")),
            date=self._date(layout.value(data, "date")),
            source=text_of(data, layout, "source") or source,
            url=text_of(data, layout, "url"),
            topics=self.labels.labels(data, layout, "topics"),
            regions=self.labels.labels(data, layout, "regions"),
            split=_split(data, layout),
            where=row.where,
        )
        if not article.text and not article.title:
            column = layout.columns.get("text", ("",))[0]
            raise BadRowError(
                f"column '{column}' is empty" if value_at(data, column) is not ABSENT else "there is no text"
            )
        if self._unique:
            self._settle_id(article, row.file)
        return article

    def _settle_id(self, article: Article, file: str) -> None:
        """An id that another file has too is put behind the name of the file; raises BadRowError for one of the same.

        A row with the id and the text of the row above it gives more labels of the same article: see `joined_rows`.
        """
        if self._ids.get(article.id, file) != file:
            article.id = f"{Path(file).name.split('.')[0]}-{article.id}"
        if article.id in self._ids and not (self._last and same_article(article, self._last)):
            raise BadRowError(f"the id '{article.id}' stands twice")
        self._ids[article.id] = file
        self._last = article

    def _date(self, value: Any) -> str:
        found = iso_date(None if value is ABSENT else value, self._mapping.day_first)
        if value is not ABSENT and value and not found:
            self.notes["dates_not_understood"] += 1
        return found


def _different(layouts: Iterable[Layout]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in map(Layout.as_dict, layouts):
        if one not in found:
            found.append(one)
    return found


def _split(data: Mapping[str, Any], layout: Layout) -> Any:
    written = text_of(data, layout, "split").lower()
    if written and written not in _SPLITS:
        raise BadRowError(f"column '{layout.columns['split'][0]}' is '{written}', not train, validation or test")
    return _SPLITS.get(written)


def _clipped(data: Mapping[str, Any]) -> dict[str, object]:
    """The row for the list of rejects, long texts cut."""
    return {name: value[:_CLIPPED] if isinstance(value, str) else value for name, value in data.items()}
