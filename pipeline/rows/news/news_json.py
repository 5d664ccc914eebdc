"""Objects of ninjs (IPTC, 1 to 3) and of schema.org as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.common.markup import without_markup
from pipeline.rows.news.pages import article_of, is_article

_BODIES = ("body_text", "body_html", "body_xhtml", "description_text", "description_html")


def as_row(data: dict[str, Any]) -> dict[str, Any]:
    """An object of a news format as a row; any other as it is."""
    if is_article(data) and ("articleBody" in data or "headline" in data):
        return article_of(data)
    if isinstance(data.get("bodies"), list) or isinstance(data.get("headlines"), list):
        return _ninjs(
            data, _values(data.get("headlines")), _values(data.get("bodies")) or _values(data.get("descriptions"))
        )
    if any(isinstance(data.get(name), str) for name in _BODIES[:3]) and "headline" in data:
        text = next(data[name] for name in _BODIES if isinstance(data.get(name), str) and data[name].strip())
        return _ninjs(data, [data["headline"]], [text])
    return data


def _ninjs(data: Mapping[str, Any], headlines: list[str], bodies: list[str]) -> dict[str, Any]:
    subjects = data.get("subjects", data.get("subject")) or []
    places = data.get("places", data.get("place")) or []
    row = {
        "id": data.get("uri") or data.get("altids"),
        "title": headlines[0] if headlines else data.get("title"),
        "text": without_markup(bodies[0]) if bodies else "",
        "date": next((data[name] for name in _DATES if data.get(name)), None),
        "source": data.get("copyrightHolder") or data.get("copyrightholder") or data.get("byline"),
        "topics": [_topic(one) for one in subjects if isinstance(one, Mapping) and not _is_place(one)],
        "regions": [_place(one) for one in [*places, *filter(_is_place, subjects)] if isinstance(one, Mapping)],
    }
    if "subjects" not in data and "subject" not in data:
        del row["topics"]
    if not row["regions"]:
        del row["regions"]
    return {name: value for name, value in row.items() if value is not None and not isinstance(value, Mapping)}


_DATES = ("contentCreated", "contentcreated", "firstCreated", "firstcreated", "versionCreated", "versioncreated")


def _values(parts: Any) -> list[str]:
    """The values of headlines or bodies, the main one first, plain text before HTML."""
    given = [one for one in parts or () if isinstance(one, Mapping) and isinstance(one.get("value"), str)]
    given.sort(key=lambda one: (str(one.get("role", "main")) not in ("main", "ninat:main", "body", ""),
                                "plain" not in str(one.get("contentType", one.get("contenttype", "")))))  # fmt: skip
    return [one["value"] for one in given if one["value"].strip()]


def _topic(subject: Mapping[str, Any]) -> str:
    code = str(subject.get("uri") or subject.get("code") or subject.get("qcode") or "")
    known = "mediatopic" in code or code.startswith(("medtop:", "subj:"))
    return code if known else str(subject.get("name") or subject.get("literal") or code)


def _is_place(subject: Any) -> bool:
    code = str(subject.get("uri") or subject.get("code") or "") if isinstance(subject, Mapping) else ""
    return "iso3166" in code or "/country/" in code


def _place(place: Mapping[str, Any]) -> str:
    code = str(place.get("uri") or place.get("code") or "")
    if "iso3166" in code or "/country/" in code:
        return code.rstrip("/").replace("/", ":").rpartition(":")[2]
    return str(place.get("name") or place.get("literal") or code)
