"""Wikinews: a dump of two dozen pages in real wikitext, one for each case."""

from __future__ import annotations

import bz2
import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mwxml", reason="needs the extra 'data'")
pytest.importorskip("mwparserfromhell", reason="needs the extra 'data'")

from pipeline.common.article import Article, Reject
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import wikinews
from pipeline.corpora._wikitext import parse

XML = Path("tests/data/wikinews.xml")


def read(path: Path) -> tuple[dict[str, Article], list[Reject], dict[str, Any]]:
    reader = wikinews.read(wikinews.Options(location=str(path)), path.parent)
    items = list(reader)
    articles = {item.id.rpartition("-")[2]: item for item in items if isinstance(item, Article)}
    return articles, [item for item in items if isinstance(item, Reject)], reader.notes


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "enwikinews-20200101-pages-articles.xml.bz2"
    path.write_bytes(bz2.compress(XML.read_bytes()))
    return path


def test_only_published_articles_are_read(dump: Path) -> None:
    articles, rejects, notes = read(dump)
    assert sorted(articles, key=int) == ["1", "2", "3", "4", "5", "6", "22", "23", "24", "25"]
    assert notes["skipped_pages"] == {"draft": 4, "redirect": 2, "other namespace": 8}
    assert [(reject.id, reject.where) for reject in rejects] == [("wikinews-21", f"{dump.name}:page 21")]


def test_text_is_plain(dump: Path) -> None:
    articles, _, _ = read(dump)
    assert articles["1"].text == (
        "The river Vltava fell below its highest alert level in Prague on Tuesday, city officials said, after barriers "
        "put up over the weekend kept water out of the Old Town.\n\n"
        '"We were lucky — and prepared," said the mayor, who thanked volunteers.'
    )
    assert "citing rising food prices and" in articles["2"].text
    assert articles["2"].text.endswith("Reaction\n\nTraders had expected the step.\nThe lari was steady.")
    assert articles["3"].text.startswith("TORONTO — Bus drivers")
    assert articles["5"].text == "The final at Hampden Park ended 2–1. The winning goal came late."
    assert "more" not in articles["6"].text
    assert articles["6"].text.endswith("Background\n\nFrogs are in decline in many places.")
    for number in ("1", "2", "3", "4", "5", "6", "22", "23", "25"):
        for markup in ("[[", "]]", "'''", "http", "<", "Category:", "Sources", "|"):
            assert markup not in articles[number].text, (number, markup)


def test_dates_titles_and_addresses(dump: Path) -> None:
    articles, _, _ = read(dump)
    dates = {number: article.date for number, article in articles.items()}
    assert dates["1"] == "2013-06-04"  # the date template
    assert dates["3"] == "2005-01-05"  # a bold line
    assert dates["4"] == "2006-04-09"  # the byline
    assert dates["5"] == "2011-05-28"
    assert dates["25"] == ""
    assert articles["23"].title == 'Name with ampersand & "quotes": déjà vu?'
    assert articles["23"].url == (
        "https://en.wikinews.org/wiki/Name_with_ampersand_%26_%22quotes%22:_d%C3%A9j%C3%A0_vu%3F"
    )


def test_categories_become_topics_and_countries(dump: Path) -> None:
    articles, _, notes = read(dump)
    labels = {number: (article.topics, article.regions) for number, article in articles.items()}
    assert labels["1"] == (["disaster", "natural_disaster"], ["CZ"])
    assert labels["2"] == (["economy"], ["GE"])
    assert labels["3"] == (["labour_relations"], ["CA"])
    assert labels["5"] == (["soccer", "sport"], ["GB"])
    assert labels["6"] == (["science_tech", "nature"], ["US", "MX"])
    assert labels["22"] == (["space"], [])
    assert labels["23"] == (["judiciary", "film"], ["FR"])
    assert labels["24"] == (["international_relations"], ["KR", "JP"])
    assert notes["unmapped_categories"] == {"Example Bank": 2, "Odd things": 1}


def test_the_table_names_known_topics_and_countries() -> None:
    def column(path: str, name: str) -> set[str]:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return {row[name] for row in csv.DictReader(file)}

    topics, countries = column("data/labels/topics.csv", "key"), column("data/taxonomy/countries.csv", "code")
    with Path("data/taxonomy/wikinews_categories.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert set(row["topics"].split()) <= topics, row
        assert set(row["regions"].split()) <= countries, row
    assert len({row["category"].casefold() for row in rows}) == len(rows)


def test_damaged_dumps_are_one_line(tmp_path: Path, dump: Path) -> None:
    cut, noise, other = tmp_path / "cut.xml.bz2", tmp_path / "noise.xml.bz2", tmp_path / "other.xml"
    cut.write_bytes(dump.read_bytes()[:-50])
    noise.write_bytes(b"no bzip2")
    other.write_text("<html><body>404</body></html>")
    for path in (cut, noise, other):
        with pytest.raises(DataError, match="no whole MediaWiki dump") as caught:
            read(path)
        assert "\n" not in str(caught.value)


_PEAKS = """
import sys, tracemalloc
from pathlib import Path
from pipeline.corpora import wikinews
folder = Path(sys.argv[1])
for name in ("4.xml", "4.xml", "16.xml"):
    tracemalloc.start()
    count = sum(1 for _ in wikinews.read(wikinews.Options(location=str(folder / name)), folder))
    print(count, tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
"""


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    """In a process of its own, where no thread of another test takes memory; the first reading fills caches."""
    head, _, rest = XML.read_text(encoding="utf-8").partition("<page>")
    pages = ("<page>" + rest).replace("</mediawiki>", "")
    for times in (4, 16):
        (tmp_path / f"{times}.xml").write_text(head + pages * times + "</mediawiki>", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", _PEAKS, str(tmp_path)], capture_output=True, text=True, check=True)
    _, (few, small), (many, large) = (tuple(map(int, line.split())) for line in done.stdout.splitlines())
    assert many == 4 * few
    assert large < 1.5 * small


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("[[w:Foo|]] and [[w:Foo]] and [[Foo#part]]", "Foo and Foo and Foo"),
        ("{{w|Foo|''bar''}} {{W|Foo}} {{other|x}}", "bar Foo"),
        ("[[File:a.jpg|thumb|[[x|y]] {{z}}]]text[[fr:Texte]]", "text"),
        ("a<ref name=x>note</ref><!-- c -->b<br>c&nbsp;d", "ab\nc d"),
        ("== Sources: ==\n* a\n=== sub ===\nb\n== Next ==\nc", "Next\n\nc"),
        ("{{unclosed [[broken '''x", "{{unclosed [[broken '''x"),
        ("", ""),
    ],
)
def test_wikitext(wikitext: str, text: str) -> None:
    assert " ".join(parse(wikitext).text.split(" ")) == text


def test_the_configuration_takes_a_local_dump() -> None:
    config = load_config(Path("configs/wikinews.yaml"), ["corpora.0.location=here.xml.bz2"])
    assert wikinews.Options(**config.corpora[0].options).location == "here.xml.bz2"
