"""Labels as people's files hold them: lists, JSON or Python as text, marks of 0 and 1, or text with some separator."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.common.markup import unescaped
from pipeline.common.patterns import lazily
from pipeline.common.text import normalized

AUTO = "auto"
SEPARATORS = (";", "|", "\n", ",")
_HASHED = lazily(r"\w#\w")  # doccano's CSV
_VALUE_FIELDS = ("value", "label", "text")  # of objects whose name says which kind of thing the value is
_KEY_FIELDS = ("key", "code", "slug", "name", "label", "term", "title", "webTitle", "value", "text", "id", "uri", "@id")
_LIST_FIELDS = ("choices", "labels", "taxonomy", "accept", "data", "items", "nodes")  # an object around a list
_WRAPPERS = ("attributes", "fields", "node", "term")  # an object around what names it
_NO_TOPICS = frozenset(("contributor", "author", "person", "byline", "tone", "publication", "newspaper-book"))
_FASTTEXT = "__label__"
_KINDS = frozenset(("subject", "keyword", "tag", "topic", "category", "label", "glocations", "persons", "des_facet"))
MISSING = frozenset(("nan", "none", "null", "n/a", "#n/a", "<na>", "nil", "undefined", "(none)", "(null)", "(empty)",
                     "-", "--", "\\n", "?", "[]", "{}", "()", "set()", "tba", "n.a."))  # fmt: skip
_NOT_IN_REGIONS = frozenset(("na",))  # elsewhere it is the code of Namibia
_PLAIN = lazily(r"[a-z0-9_:.-]+")
_CODE = lazily(r"[A-Z]{2,3}")
_URI = lazily(r"<?(?:https?://|urn:)[^\s<>]+>?")
_ENTITY = lazily(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = lazily("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_WRAPPED = lazily(r"(?:frozenset|set|array|Index|list|tuple)\((.*?)(?:,\s*dtype=[^()]*)?\)", re.DOTALL)
_ENDS = {"[": "]", "{": "}", "(": ")"}
# A quote that is never closed ends with the text, so that no part of it is looked at twice.
_QUOTED = lazily(r"'((?:[^'\\]|\\.?)*+)(?:'|\Z)|\"((?:[^\"\\]|\\.?)*+)(?:\"|\Z)", re.DOTALL)
_MOST_CODE = 20_000
_HALF = 0.5


def split_labels(value: Any, separator: str) -> list[str]:
    """The labels in a field, each once, in order; `separator` is one sign, or empty when the text is one label.

    Lists hold texts, numbers, or objects with a key, code or name, as Dateline's own predictions do. Lists, sets and
    objects may be written as JSON or Python; `{"a": 1, "b": 0}` marks labels. Entities are undone, and composed and
    decomposed letters are the same. Raises ValueError with what is wrong, in words.
    """
    if isinstance(value, str):
        value = _structure(value.strip())
    if isinstance(value, str):
        value = unescaped(value) if _ENTITY.search(value) else value
        parts: Iterable[str] = _parts(value, separator) if separator else [value]
    elif isinstance(value, bool):
        parts = [str(value).lower()]
    elif isinstance(value, Mapping):
        parts = _of_object(value)
    elif isinstance(value, list | tuple | set | frozenset):
        parts = [label for item in value for label in _labels(item)]
    elif isinstance(value, int | float):
        parts = _labels(value)
    else:
        raise ValueError(f"labels are a list or text, not {type(value).__name__}")
    return list(dict.fromkeys(label for part in parts if (label := tidy(part))))


def _parts(value: str, separator: str) -> list[str]:
    return value.splitlines() if separator == "\n" else value.split(separator.strip() or None)


def tidy(label: str) -> str:
    """A label without what is no part of its name: outer and double blanks, zero-width signs, fastText's mark, the
    brackets of a URI.
    """
    if not label.isascii():
        label = normalized(_UNSEEN.sub("", label))
    label = " ".join(label.removeprefix(_FASTTEXT).split())
    return label[1:-1] if label.startswith("<") and label.endswith(">") and _URI.fullmatch(label) else label


def is_missing(value: Any, regions: bool = False) -> bool:
    """Whether a cell says that there is no label: it is empty, or holds what programs write for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if not isinstance(value, str):
        return False
    word = value.strip().casefold()
    return not word or word in MISSING or (word in _NOT_IN_REGIONS and not regions)


def folded(label: str) -> str:
    """What labels that differ only in case, width, quotes, hyphens or blanks have in common."""
    plain = normalized(label, "NFKC").casefold().replace("\u2019", "'").replace("\u2018", "'")
    plain = re.sub(r"\s*([/>])\s*", r"\1", plain)
    return " ".join(re.sub(r"[-_\u2010-\u2015\s]+", " ", plain).split())


def guess_separator(values: Iterable[Any]) -> str:
    """The sign between labels that a sample of fields shows; empty when each text is one label."""
    texts = [unescaped(value.strip()) for value in values if isinstance(value, str) and value.strip()]
    texts = [text for text in texts if _is_plain(text)]
    if texts and all(_URI.match(text) for text in texts):
        tokens = [token for text in texts for token in text.split()]
        if all(_URI.fullmatch(token.rstrip(",;|")) for token in tokens):
            return next((sign for sign in (";", "|") if any(sign in text for text in texts)), " " * _several(texts))
    for sign in SEPARATORS:
        if any(sign in text for text in texts):
            return sign
    if any(_HASHED.search(text) for text in texts):
        return "#"
    return " " if _blanks_separate(texts) else ""


def _is_plain(text: str) -> bool:
    """Whether a text writes out no list, set or object, nor begins like one."""
    try:
        return _structure(text) is text
    except ValueError:
        return False


def _several(texts: list[str]) -> bool:
    return any(" " in text for text in texts)


def _blanks_separate(texts: list[str]) -> bool:
    """Whether blanks part keys rather than stand inside names: keys are plain words that recur in other company."""
    tokens = {token for text in texts for token in text.split()}
    if not _several(texts):
        return False
    if all(_CODE.fullmatch(token) or token.startswith(_FASTTEXT) for token in tokens):
        return True
    return all(_PLAIN.fullmatch(token) for token in tokens) and len(tokens) < len(set(texts))


def _structure(text: str) -> Any:
    """The list, set or object that a text writes out as JSON, Python, numpy or PostgreSQL do; else the text."""
    wrapped = _WRAPPED.fullmatch(text) if text[:1] in "fsaIlt" else None
    inner = wrapped[1].strip() if wrapped else text
    if not inner and wrapped:
        return []
    if inner[:1] not in _ENDS:
        return text
    try:
        return json.loads(inner)
    except (ValueError, RecursionError):
        pass
    if inner.endswith(_ENDS[inner[0]]) or ("'" in inner and inner[0] != "("):
        return _as_python(inner)
    if inner[0] == "(":
        return text
    raise ValueError("the labels begin like a JSON list but are none")


def _as_python(text: str) -> Any:
    body = text[1:-1]
    if "'" not in text and '"' not in text:
        if text[0] == "(" or ":" in body:
            return text
        return [part for part in body.split(",") if not is_missing(part)]
    if text[0] == "{" and ":" in body and len(text) < _MOST_CODE:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    if text[0] == "(" and not body.lstrip().startswith(("'", '"')):
        return text
    found = [single or double for single, double in _QUOTED.findall(text)]
    bare = [part.strip() for part in _QUOTED.sub("", body).split(",")] if text[0] == "{" else []
    return found + [part for part in bare if part and not part.startswith(":")]


def _of_object(value: Mapping[Any, Any]) -> list[str]:
    """The labels of an object: a list within it, those marked with 1 or true, or its own name."""
    alone = next(iter(value.values())) if len(value) == 1 else None
    for given in (*(value.get(field) for field in _LIST_FIELDS), alone):
        if isinstance(given, list):
            return [label for item in given for label in _labels(item)]
    if value and all(isinstance(mark, bool | int | float) for mark in value.values()) and not {"id"} >= set(value):
        return [str(label) for label, mark in value.items() if mark >= _HALF]
    return _labels(value)


def _labels(item: Any) -> list[str]:
    """The label of an item of a list; a path of labels, as taxonomies give them, is joined with slashes."""
    if item is None:
        return []
    if isinstance(item, Mapping):
        if any(isinstance(item.get(field), list) for field in _LIST_FIELDS):
            return _of_object(item)
        if str(item.get("type", "")).casefold() in _NO_TOPICS:
            return []
        item = _named(item)
    if isinstance(item, list | tuple) and item and all(isinstance(part, str) for part in item):
        return ["/".join(item)]
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        raise ValueError("a label in the list is neither text nor number nor an object with a key")
    return [] if is_missing(item, regions=True) else [unescaped(item) if isinstance(item, str) else str(item)]


def _named(item: Mapping[Any, Any]) -> Any:
    """What names an object: its value where its name says only which kind of thing it is."""
    if str(item.get("name", "")).casefold() in _KINDS or "rank" in item:
        value = next((item[field] for field in _VALUE_FIELDS if item.get(field)), None)
        if value is not None:
            return value
    inner = next((item[field] for field in _WRAPPERS if isinstance(item.get(field), Mapping)), None)
    if inner is not None:
        return _named(inner)
    found = next((item[field] for field in _KEY_FIELDS if item.get(field)), None)
    return _named(found) if isinstance(found, Mapping) else found
