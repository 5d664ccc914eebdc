"""Feeds, news XML, ninjs, pages with JSON-LD and web archives as articles."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from pipeline.common.article import Article
from pipeline.common.errors import DataError
from pipeline.rows.articles import ArticleReader
from pipeline.rows.mapping import RowMapping

BODY = "The port of Genoa was closed on Monday after heavy rain. Ships waited outside the harbour for a second day."
RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour Gazette</title>
<item><title>Storm &amp; flood</title><link>https://example.org/1</link><guid>urn:1</guid>
<pubDate>Mon, 03 Mar 2025 10:00:00 +0100</pubDate><category>Weather</category><category>Shipping</category>
<description>Short.</description><content:encoded><![CDATA[<p>{BODY}</p>]]></content:encoded></item>
<item><title>Second</title><link>https://example.org/2</link>
<description>Only &lt;b&gt;a summary&lt;/b&gt;.</description></item>
</channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atom Wire</title>
<entry><id>tag:1</id><title>Storm</title><updated>2025-03-03T09:00:00Z</updated>
<category term="weather" label="Weather"/>
<content type="html">&lt;p&gt;{BODY}&lt;/p&gt;</content></entry></feed>"""
G2 = f"""<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><newsItem guid="urn:newsml:example:1">
<itemMeta><versionCreated>2025-03-03T09:00:00Z</versionCreated></itemMeta>
<contentMeta><headline>Storm closes port</headline>
<subject type="cpnat:abstract" qcode="medtop:17000000"><name>weather</name></subject>
<subject type="cpnat:abstract" qcode="own:ship"><name>Shipping</name></subject>
<subject type="cpnat:geoArea" qcode="iso3166-1a2:IT"><name>Italia</name></subject>
<subject type="cpnat:person" qcode="p:1"><name>Anna Rossi</name></subject></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
<body><p>{BODY[:56]}</p><p>{BODY[57:]}</p></body></html></inlineXML></contentSet></newsItem></itemSet></newsMessage>"""
NITF = f"""<?xml version="1.0"?><nitf><head><title>Slug</title>
<tobject><tobject.subject tobject.subject.refnum="17000000" tobject.subject.type="Weather"/></tobject>
<docdata><doc-id id-string="n-1"/><date.issue norm="20250303T090000Z"/>
<evloc/><identified-content><location><country iso-cc="ITA">Italy</country></location></identified-content>
</docdata></head>
<body><body.head><hedline><hl1>Storm closes port</hl1></hedline></body.head>
<body.content><p>{BODY}</p></body.content></body></nitf>"""
NINJS2 = {
    "uri": "urn:n:1", "versioncreated": "2025-03-03T09:00:00Z",
    "headlines": [{"role": "print", "value": "Print"}, {"role": "main", "value": "Storm closes port"}],
    "bodies": [{"contenttype": "text/html", "value": f"<p>{BODY}</p>"}, {"contenttype": "text/plain", "value": BODY}],
    "subjects": [{"name": "weather", "uri": "http://cv.iptc.org/newscodes/mediatopic/17000000"}],
    "places": [{"name": "Italy", "uri": "http://cvx.iptc.org/iso3166-1a3/ITA"}],
}  # fmt: skip
NINJS3 = {
    "uri": "urn:n:1", "contentCreated": "2025-03-03T09:00:00Z", "headlines": [{"value": "Storm closes port"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": BODY}], "subjects": [{"name": "Weather"}],
    "places": [{"name": "Italy"}],
}  # fmt: skip
NINJS1 = {"uri": "urn:n:1", "headline": "Storm closes port", "body_xhtml": f"<p>{BODY}</p>", "type": "text",
          "subject": [{"name": "Weather", "code": "medtop:17000000"}], "place": [{"name": "Italy"}]}  # fmt: skip
LD = {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, {
    "@type": ["NewsArticle"], "headline": "Storm closes port", "articleBody": BODY * 3, "datePublished": "2025-03-03",
    "keywords": "weather, shipping", "articleSection": "World", "contentLocation": {"@type": "Place", "name": "Italy"},
    "publisher": {"name": "Harbour Gazette"}, "url": "https://example.org/1"}]}  # fmt: skip
SCRIPT = f'<script type="application/ld+json">{json.dumps(LD)}</script>'
PAGE = f"<!doctype html><html><head>{SCRIPT}</head><body></body></html>"


def read(path: Path) -> list[Article]:
    reader = ArticleReader(RowMapping())
    items = [reader.article(row, layout, f"row-{row.number}", "") for row, layout in reader.rows(path)]
    assert all(isinstance(item, Article) for item in items)
    return [item for item in items if isinstance(item, Article)]


def test_feeds(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(RSS)
    first, second = read(tmp_path / "feed.xml")
    assert (first.title, first.text, first.date) == ("Storm & flood", BODY, "2025-03-03T09:00:00Z")
    assert (first.topics, first.source, first.id) == (["Weather", "Shipping"], "Harbour Gazette", "urn:1")
    assert (second.text, second.topics) == ("Only a summary.", None)
    (tmp_path / "wire.atom").write_text(ATOM)
    (entry,) = read(tmp_path / "wire.atom")
    assert (entry.text, entry.topics, entry.date) == (BODY, ["Weather"], "2025-03-03T09:00:00Z")


def test_newsml_g2_and_nitf(tmp_path: Path) -> None:
    (tmp_path / "g2.xml").write_text(G2)
    (item,) = read(tmp_path / "g2.xml")
    assert (item.id, item.title, item.text) == (
        "urn:newsml:example:1",
        "Storm closes port",
        f"{BODY[:56]}\n{BODY[57:]}",
    )
    assert (item.topics, item.regions, item.date) == (["medtop:17000000", "Shipping"], ["IT"], "2025-03-03T09:00:00Z")
    (tmp_path / "nitf.xml").write_text(NITF)
    (item,) = read(tmp_path / "nitf.xml")
    assert (item.id, item.title, item.text) == ("n-1", "Storm closes port", BODY)
    assert (item.topics, item.regions, item.date[:10]) == (["Weather"], ["IT"], "2025-03-03")


@pytest.mark.parametrize("item", [NINJS1, NINJS2, NINJS3])
def test_ninjs(tmp_path: Path, item: dict[str, object]) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(item) + "\n")
    (tmp_path / "a.json").write_text(json.dumps(item, indent=1))
    for name in ("a.jsonl", "a.json"):
        (found,) = read(tmp_path / name)
        assert (found.id, found.title, found.text, found.regions) == ("urn:n:1", "Storm closes port", BODY, ["IT"])
        assert found.topics
        assert found.topics[0].endswith(("17000000", "Weather"))


def test_pages_with_json_ld(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    (found,) = read(tmp_path / "page.html")
    assert (found.title, found.text, found.date) == ("Storm closes port", BODY * 3, "2025-03-03")
    assert (found.topics, found.regions) == (["World", "weather", "shipping"], ["IT"])


def test_web_archives(tmp_path: Path) -> None:
    warcio = pytest.importorskip("warcio.warcwriter")
    from warcio.statusandheaders import StatusAndHeaders

    buffer = io.BytesIO()
    writer = warcio.WARCWriter(buffer, gzip=False)
    for number, kind in enumerate(("text/html; charset=utf-8", "image/png")):
        headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.0")
        address = f"https://example.org/{number}"
        writer.write_record(
            writer.create_warc_record(address, "response", io.BytesIO(PAGE.encode()), http_headers=headers)
        )
    (tmp_path / "a.warc").write_bytes(buffer.getvalue())
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(buffer.getvalue()))
    for name in ("a.warc", "a.warc.gz"):
        (found,) = read(tmp_path / name)
        assert (found.title, found.url) == ("Storm closes port", "https://example.org/1")


def test_what_is_no_news_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<catalogue><book/></catalogue>")
    with pytest.raises(DataError, match="holds no article"):
        read(tmp_path / "a.xml")
    (tmp_path / "b.xml").write_text("<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/'><open>")
    with pytest.raises(DataError, match="no XML that can be read"):
        read(tmp_path / "b.xml")
