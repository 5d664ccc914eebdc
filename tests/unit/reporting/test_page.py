"""The page: whole in itself, every word where it was, nothing in an article runs."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from pipeline.features.texts import Text
from pipeline.prediction.explaining.marks import segments
from pipeline.prediction.predictor import Predictor
from pipeline.reporting.prediction_page import Form, page
from support.articles import STORM

# Tags that are written out as entities are part of the text; those that are tags are taken out of it before.
EVIL = Text(
    escape('Rain </p><script>alert(1)</script> in Libya\n\n"><img src=x onerror=alert(1)> & flood \x1b[2J\u202edam'),
    escape("<b>Storm</b>"),
)


class _Reader(HTMLParser):
    """Collects an article's text, and every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.article: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = self._inside or tag == "article"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "article"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.article.append(data)


def _read(content: str) -> _Reader:
    reader = _Reader()
    reader.feed(content)
    return reader


def test_nothing_comes_from_outside(tiny: Predictor) -> None:
    content = page(tiny.explain(STORM, near=2))
    assert not re.search(r"(?:src|href)=[\"'](?!data:,|#)", content)
    assert "url(" not in content
    assert "@import" not in content
    assert "default-src &#39;none&#39;" in content


def test_the_article_is_whole_and_inert(tiny: Predictor) -> None:
    reader = _read(page(tiny.explain(EVIL, near=2)))
    words = " ".join("".join(reader.article).split())
    assert words == unescape(
        "<b>Storm</b> Rain </p><script>alert(1)</script> in Libya "
        '"><img src=x onerror=alert(1)> &amp; flood \ufffd[2J\ufffddam'
    )
    assert [tag for tag, _ in reader.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in reader.tags]
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]


def test_a_tag_in_the_title_of_a_marked_text_is_escaped_too(tiny: Predictor) -> None:
    assert "<title>&lt;b&gt;Storm&lt;/b&gt; - Dateline</title>" in page(tiny.explain(EVIL))


def test_each_tag_has_a_box_with_its_bar(tiny: Predictor) -> None:
    found = tiny.explain(STORM, near=2)
    reader = _read(page(found))
    boxes = [attributes["data-name"] for tag, attributes in reader.tags if "data-tag" in attributes]
    assert sorted(filter(None, boxes)) == sorted(tag.name for tag in found.tags)


def test_countries_are_on_the_map(tiny: Predictor) -> None:
    assert "Map: Libya" in page(tiny.explain(STORM))
    assert "Map:" not in page(tiny.explain(Text("goal goal match striker league")))


def test_marks_are_apart_and_in_order(tiny: Predictor) -> None:
    found = segments(tiny.explain(STORM, near=3), "text", len(STORM.text))
    assert found
    ends = [0]
    for mark in found:
        assert mark.start >= ends[-1]
        assert all(-100 <= weight <= 100 for _, weight in mark.weights)
        ends.append(mark.end)
    libya = next(mark for mark in found if STORM.text[mark.start : mark.end] == "Libya")
    assert libya.place


def test_a_very_long_text_is_shown_in_part(tiny: Predictor) -> None:
    content = page(tiny.explain(Text("rain in Libya " * 50_000)))
    assert "300,000 more characters were read and are not shown." in content
    assert len(content) < 5_000_000


@pytest.mark.parametrize("form", [Form(), Form('"><script>', "</textarea><script>")])
def test_the_box_to_paste_into(form: Form) -> None:
    reader = _read(page(None, "model", form))
    assert [tag for tag, _ in reader.tags].count("script") == 1
    assert ("title", form.title) in [(attributes.get("name"), attributes.get("value")) for _, attributes in reader.tags]
