"""Items of NewsML-G2 (IPTC, 2.x) and NITF (IPTC, 3.x)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError
from pipeline.common.project import missing

_BLOCKS = ("p", "hl2", "li", "h1", "h2", "h3", "h4", "blockquote", "td", "dt", "dd")
_COUNTRY_CODES = ("iso3166-1a2:", "iso3166-1a3:", "country:", "iptccntry:")
_PLACES = ("cpnat:geoArea", "cptype:5", "geoArea")
_THINGS = ("cpnat:person", "cpnat:organisation", "cpnat:event", "cpnat:object", "cpnat:poi", "cptype:10", "cptype:11")


def items_in(path: Path, content: bytes) -> Iterator[dict[str, Any]]:
    """The news items of a message or file. Raises DataError for XML that can't be read."""
    try:
        from lxml import etree
    except ImportError:
        raise DataError(missing(f"{path}, news XML,", "formats")) from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DataError(f"{path} is no XML that can be read ({error.msg}): write it again") from None
    nitf = [root] if _name(root) == "nitf" else list(root.iterfind(".//{*}nitf"))
    items = [root] if _name(root) == "newsItem" else list(root.iterfind(".//{*}newsItem"))
    yield from map(_news_item, items) if items else map(_nitf, nitf)


def _news_item(item: Any) -> dict[str, Any]:
    content = item.find("{*}contentMeta")
    meta = item.find("{*}itemMeta")
    subjects = list(content.iterfind("{*}subject")) if content is not None else []
    places = [one for one in subjects if one.get("type") in _PLACES or _code(one).startswith(_COUNTRY_CODES)]
    topics = [one for one in subjects if one not in places and one.get("type") not in _THINGS]
    nitf = item.find(".//{*}contentSet/{*}inlineXML//{*}nitf")
    body = item.find(".//{*}contentSet/{*}inlineXML")
    plain = item.find(".//{*}contentSet/{*}inlineData")
    text = _text(body.find(".//{*}body") if body is not None and body.find(".//{*}body") is not None else body)
    row = {
        "id": item.get("guid"),
        "title": _first(content, "headline") or _first(content, "slugline") or _first(meta, "title"),
        "text": text or ("".join(plain.itertext()) if plain is not None else "") or _first(content, "description"),
        "date": _first(content, "contentCreated") or _first(meta, "versionCreated") or _first(meta, "firstCreated"),
        "source": _first(content, "creditline") or _first(item, "rightsInfo/{*}copyrightNotice"),
        "topics": [_topic(one) for one in topics],
        "regions": [_country(one) for one in places],
    }
    if nitf is not None:
        row = {**_nitf(nitf), **{name: value for name, value in row.items() if value}}
    return {name: value for name, value in row.items() if value or name in ("text", "topics")}


def _nitf(nitf: Any) -> dict[str, Any]:
    head, body = nitf.find("{*}head"), nitf.find("{*}body")
    block = body.find("{*}body.content") if body is not None else None
    data = head.find("{*}docdata") if head is not None else None
    subjects = list(head.iterfind(".//{*}tobject.subject")) if head is not None else []
    row = {
        "id": _attribute(data, "doc-id", "id-string"),
        "title": _first(body, "body.head/{*}hedline/{*}hl1") or _first(head, "title"),
        "text": _text(block),
        "date": _attribute(data, "date.issue", "norm") or _attribute(data, "date.release", "norm"),
        "topics": [_subject(one) for one in subjects],
        "regions": [one.get("iso-cc") or "".join(one.itertext()) for one in data.iterfind(".//{*}location/{*}country")]
        if data is not None
        else [],
    }
    return {name: value for name, value in row.items() if value or name in ("text", "topics")}


def _topic(subject: Any) -> str:
    """A media topic's code, which any vocabulary with NewsCodes knows; else the name."""
    code = _code(subject)
    return code if code.startswith(("medtop:", "subj:")) else _first(subject, "name") or code


def _country(subject: Any) -> str:
    code = _code(subject)
    return code.rpartition(":")[2] if code.startswith(_COUNTRY_CODES) else _first(subject, "name") or code


def _subject(subject: Any) -> str:
    named = (subject.get(f"tobject.subject.{level}") for level in ("detail", "matter", "type"))
    return next(filter(None, named), None) or f"subj:{subject.get('tobject.subject.refnum', '')}"


def _code(element: Any) -> str:
    return str(element.get("qcode") or element.get("literal") or element.get("uri") or "")


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _first(element: Any, path: str) -> str:
    """The text of the first child of that name; empty without one."""
    found = element.find(f"{{*}}{path}") if element is not None else None
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def _attribute(element: Any, path: str, name: str) -> str:
    found = element.find(f"{{*}}{path}") if element is not None else None
    return found.get(name) or "" if found is not None else ""


def _text(element: Any) -> str:
    """The paragraphs of a body, one per line."""
    if element is None:
        return ""
    blocks = [" ".join("".join(one.itertext()).split()) for one in element.iter() if _name(one) in _BLOCKS]
    return "\n".join(filter(None, blocks)) or " ".join("".join(element.itertext()).split())
