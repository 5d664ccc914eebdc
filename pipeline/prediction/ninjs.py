"""Answers as ninjs 3.1, IPTC's news in JSON (https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.common.patterns import lazily

SCHEMA = "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"
_STANDARD = {"name": "ninjs", "version": "3.1", "schema": SCHEMA}
_MEDIATOPICS, _COUNTRIES = "http://cv.iptc.org/newscodes/mediatopic/", "http://cvx.iptc.org/iso3166-1a2/"
_URI = lazily(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_MOMENT = lazily(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")


def as_ninjs(answer: Mapping[str, Any], title: str = "", date: str = "") -> dict[str, Any]:
    """An answer as `as_json` gives it. The score is the confidence; the relevance is its share of the best tag's score.

    Countries are subjects, which have a confidence, and places. An id that is no URI becomes a URN.
    """
    name = str(answer["id"])
    creator = f"dateline:{answer['model']['name']}@{answer['model']['sha256'][:12]}"
    places = [
        {"name": tag["name"], "uri": _COUNTRIES + quote(tag["code"]), "literal": tag["code"]}
        for tag in answer["regions"]
    ]
    found = {
        "uri": name if _URI.fullmatch(name) else f"urn:dateline:{quote(name, safe='')}",
        "standard": _STANDARD,
        "type": "text",
        "contentCreated": date if _MOMENT.fullmatch(date) else "",
        "headlines": [{"value": title}] if title else [],
        "subjects": [*_subjects(answer["topics"], creator), *_subjects(answer["regions"], creator)],
        "places": places,
    }
    return {name: value for name, value in found.items() if value or name == "subjects"}


def _subjects(tags: Sequence[Mapping[str, Any]], creator: str) -> list[dict[str, Any]]:
    best = max((tag["score"] for tag in tags), default=1.0) or 1.0
    return [_subject(tag) | _figures(tag["score"], best) | {"creator": creator} for tag in tags]


def _subject(tag: Mapping[str, Any]) -> dict[str, Any]:
    if "code" in tag:
        return {"name": tag["name"], "uri": _COUNTRIES + quote(tag["code"]), "literal": tag["code"]}
    code = str(tag["iptc"]).rpartition(":")[2]
    return {"name": tag["name"], "literal": tag["key"], **({"uri": _MEDIATOPICS + code} if code else {})}


def _figures(score: float, best: float) -> dict[str, int]:
    return {"relevance": round(100 * score / best), "confidence": round(100 * score)}
