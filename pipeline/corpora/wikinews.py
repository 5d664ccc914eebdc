"""Wikinews: published articles of a MediaWiki dump, read as a stream, categories mapped to topics and countries."""

from __future__ import annotations

import bz2
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.csv_table import read_table
from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.common.taxonomy import CountryNames
from pipeline.corpora._downloads import Bounded, Source, checked, fetch_file
from pipeline.corpora._noted import Noted
from pipeline.corpora._wikitext import Page, parse
from pipeline.rows.dates import iso_date

DUMP = "https://dumps.wikimedia.org/enwikinews/latest/enwikinews-latest-pages-articles.xml.bz2"
_ADDRESS = "https://en.wikinews.org/wiki/"
_PUBLISHED = frozenset(("publish", "published"))
_UNFINISHED = frozenset(("develop", "developing", "review", "editing", "prepare", "stale", "abandoned", "retracted"))
_HOUSEKEEPING = frozenset(("published", "archived", "no publish", "original reporting", "writing contests"))
_LISTED = 200
_DATELINE = re.compile(r"^\W*(?P<date>(?:[A-Z][a-z]+day,? )?[A-Z][a-z]+ \d{1,2},? \d{4})\W*\n")


class Options(BaseModel):
    """Options of Wikinews."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    location: str = Field(DUMP, description="URL or path of a pages-articles dump, .xml.bz2, .xml.gz or .xml")
    categories: Path = Field(
        Path("data/taxonomy/wikinews_categories.csv"), description="CSV of category, topics, regions; comes first"
    )
    countries: Path = Field(Path("data/taxonomy/countries.csv"), description="CSV of countries, known by their names")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The dump, downloaded once when its location is a URL, and the table of categories."""
    return [fetch_file(options.location, raw), checked(options.categories), checked(options.countries)]


def read(options: Options, raw: Path) -> Noted:
    """Published articles; pages of other kinds are counted in the notes, as are the categories that are not mapped.

    While reading raises DataError for a dump that is damaged or none.
    """
    reader = _Reader(options, fetch_file(options.location, raw).path)
    return Noted(reader.items(), reader.notes)


class _Reader:
    def __init__(self, options: Options, dump: Path) -> None:
        self.notes: dict[str, Any] = {}
        self._dump = dump
        self._table = _read_table(options.categories)
        self._countries = CountryNames(options.countries)
        self._skipped: Counter[str] = Counter()
        self._unmapped: Counter[str] = Counter()

    def items(self) -> Iterator[Article | Reject]:
        for page, kind, text in _pages(self._dump):
            item = kind or self._item(page, text)
            if isinstance(item, str):
                self._skipped[item] += 1
            else:
                yield item
        unmapped = dict(self._unmapped.most_common(_LISTED))
        self.notes |= {"skipped_pages": dict(self._skipped), "unmapped_categories": unmapped}

    def _item(self, page: Any, wikitext: str) -> Article | Reject | str:
        """The article, or the kind of page that this is instead."""
        where = f"{self._dump.name}:page {page.id}"
        try:
            parsed = parse(wikitext)
        except DataError as error:
            return Reject(where, str(error), f"wikinews-{page.id}")
        names = {name for name, _ in parsed.templates}
        if not names & _PUBLISHED or names & _UNFINISHED:
            return "draft"
        topics, regions = self._labels(parsed.categories)
        if not topics and not regions:
            return Reject(where, "none of its categories is in the table", f"wikinews-{page.id}")
        return Article(
            id=f"wikinews-{page.id}",
            title=page.title,
            text=_DATELINE.sub("", parsed.text),
            date=_date(parsed),
            source="wikinews",
            url=_ADDRESS + quote(page.title.replace(" ", "_"), safe=":/,()!'"),
            topics=topics or None,
            regions=regions,
            where=where,
        )

    def _labels(self, categories: list[str]) -> tuple[list[str], list[str]]:
        topics: list[str] = []
        regions: list[str] = []
        for category in categories:
            mapped = self._table.get(category.casefold())
            if mapped is not None:
                topics += mapped[0]
                regions += mapped[1]
            elif category in self._countries:
                regions.append(self._countries.code(category))
            elif category.casefold() not in _HOUSEKEEPING and not iso_date(category):
                self._unmapped[category] += 1
        return list(dict.fromkeys(topics)), list(dict.fromkeys(regions))


def _pages(path: Path) -> Iterator[tuple[Any, str, str]]:
    """Each page, which kind it is if it is no article, and its wikitext if it may be one."""
    try:
        import mwxml
    except ImportError:
        raise DataError(missing("Wikinews", "data")) from None
    try:
        with _opened(path) as file:
            bounded = Bounded(file, path)
            for page in mwxml.Dump.from_file(bounded):
                bounded.start()
                kind = "redirect" if page.redirect else "other namespace" if page.namespace else ""
                yield page, kind, "" if kind else next((str(revision.text or "") for revision in page), "")
    except (DataError, MemoryError):
        raise
    except Exception as error:  # the library lets through whatever its parts raise
        reason = str(error) or "its XML is of another kind"
        raise DataError(f"{path} is no whole MediaWiki dump ({reason}): delete it and fetch it again") from None


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".bz2":
        return cast("IO[bytes]", bz2.open(path))
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _date(page: Page) -> str:
    """From the date template, the byline, or the bold line that opens older articles."""
    for name, parameters in page.templates:
        written = parameters.get("1", "") if name == "date" else parameters.get("date", "") if name == "byline" else ""
        if found := iso_date(written):
            return found
    match = _DATELINE.match(page.text)
    return iso_date(match["date"]) if match else ""


def _read_table(path: Path) -> dict[str, tuple[list[str], list[str]]]:
    rows = read_table(path, ("category", "topics", "regions"), "a CSV of categories")
    return {row["category"].casefold(): (row["topics"].split(), row["regions"].split()) for _, row in rows}
