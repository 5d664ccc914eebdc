"""Rows as annotation tools and news formats in JSON have them: our own, Label Studio, Prodigy, Argilla, and more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.rows.feedback import SAID, article_of, is_said, says_nothing
from pipeline.rows.news.news_json import as_row
from pipeline.rows.reader import Row

IGNORED = "the annotators gave no answer"
_HALF = 0.5
_RESPONSES = ".responses"
_OF_TOOL = frozenset(("options", "answer", "accept", "meta", "spans", "tokens", "relations"))
_NEWS_FIELDS = {"@type", "bodies", "headlines", "body_text", "body_html", "body_xhtml"}
_MARKED = frozenset((*_NEWS_FIELDS, "data", "answer", "fields", "_embedded", "paragraphs"))
_MOST_NAMES = 1000


def flattened(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows with the labels of annotation tools as columns of their own; others as they are.

    A Prodigy row that was ignored, or whose options were rejected, has no labels; rows that ask one label each of the
    same text become one. Of our own labels and corrections, which say by whom they are and when they were received,
    what was said last of each article counts.
    """
    asked: dict[str, Row] = {}
    said: dict[str, Row] = {}
    of_no_tool: set[tuple[str, ...]] = set()  # names of fields, in their order: files have few different ones
    for row in rows:
        data = row.data
        if data is None or (names := tuple(data)) in of_no_tool:
            yield row
        elif _no_tools(names):
            if len(of_no_tool) < _MOST_NAMES:
                of_no_tool.add(names)
            yield row
        elif is_said(data):
            said[article_of(data)] = row
        elif isinstance(data.get("data"), dict) and isinstance(data.get("annotations", data.get("completions")), list):
            yield Row(row.file, row.number, _task(data), row.error)
        elif data.get("answer") in ("accept", "reject", "ignore") and "text" in data:
            if isinstance(data.get("label"), str) and "accept" not in data and "spans" not in data:
                _ask(asked, row)
            else:
                yield Row(row.file, row.number, _choices(data), row.error)
        elif converted := _converted(data):
            yield Row(row.file, row.number, converted, row.error)
        else:
            yield row
    yield from asked.values()
    yield from (row for row in said.values() if row.data and not says_nothing(row.data))


def _no_tools(names: Sequence[str]) -> bool:
    """Whether rows with fields of these names are neither a tool's nor said by people."""
    of_tool = not _MARKED.isdisjoint(names) or any(name.endswith(_RESPONSES) for name in names)
    return not of_tool and not set(names) >= SAID


def _converted(data: dict[str, Any]) -> dict[str, Any] | None:
    """A row of a tool or format that is known by its fields; None for any other."""
    if _NEWS_FIELDS & set(data):
        return as_row(data)
    if isinstance(data.get("fields"), dict) and isinstance(data.get("responses"), dict | list):
        return _record(data)
    if any(name.endswith(_RESPONSES) for name in data):
        return _columns_of_record(data)
    if isinstance(data.get("_embedded"), dict) and isinstance(data["_embedded"].get("wp:term"), list):
        return _post(data)
    paragraphs = data.get("paragraphs")
    if isinstance(paragraphs, list) and any(isinstance(one, dict) and "raw" in one for one in paragraphs):
        return _spacy_2(data, [one for one in paragraphs if isinstance(one, dict)])
    return None


def _record(data: Mapping[str, Any]) -> dict[str, Any]:
    """A record of Argilla: its fields, and each question as a column of what most annotators chose."""
    given: dict[str, list[Any]] = {}
    responses = data["responses"]
    if isinstance(responses, dict):
        given = {name: [one.get("value") for one in answers] for name, answers in responses.items()}
    else:
        for one in responses:
            values = one.get("values") or {one.get("question_name", "label"): one}
            for name, answer in values.items():
                given.setdefault(name, []).append(answer.get("value"))
    return {"id": data.get("id"), **data["fields"], **{name: _most(answers) for name, answers in given.items()}}


def _columns_of_record(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same as Argilla writes it to the Hub: a column of answers per question."""
    asked = [name.removesuffix(_RESPONSES) for name in data if name.endswith(_RESPONSES)]
    kept = {name: value for name, value in data.items() if name.partition(".")[0] not in asked}
    return kept | {name: _most(data[name + _RESPONSES]) for name in asked}


def _most(answers: Any) -> list[str] | None:
    """The labels that at least half of the annotators gave; None when nobody answered."""
    given = [one if isinstance(one, list) else [one] for one in answers or () if one is not None]
    votes = Counter(str(label) for one in given for label in one)
    return [label for label, count in votes.items() if count >= _HALF * len(given)] if given else None


def _post(data: Mapping[str, Any]) -> dict[str, Any]:
    """A post of WordPress's REST interface with its terms by name, where they came along (`_embed`)."""
    named: dict[str, list[str]] = {}
    for term in (one for terms in data["_embedded"]["wp:term"] if isinstance(terms, list) for one in terms):
        kind = {"category": "categories", "post_tag": "tags"}.get(term.get("taxonomy"), term.get("taxonomy", "tags"))
        named.setdefault(kind, []).append(term.get("name", ""))
    return {name: value for name, value in data.items() if name != "_embedded"} | named


def _spacy_2(data: Mapping[str, Any], paragraphs: list[dict[str, Any]]) -> dict[str, Any]:
    """A document of spaCy 2's training format."""
    marks = {one["label"]: one.get("value") for part in paragraphs for one in part.get("cats", ()) if "label" in one}
    return {"id": data.get("id"), "text": "\n".join(str(one.get("raw", "")) for one in paragraphs), "cats": marks}


def _task(data: Mapping[str, Any]) -> dict[str, Any]:
    """A task of Label Studio: its data, and each control's choices as a column, those that most annotators gave."""
    given = [one for one in data.get("annotations", data.get("completions", ())) if not one.get("was_cancelled")]
    votes: dict[str, Counter[str]] = {}
    for annotation in given:
        for result in annotation.get("result", ()):
            choices = _values(result.get("value", {}))
            votes.setdefault(str(result.get("from_name", "label")), Counter()).update(choices)
    chosen = {
        name: [label for label, count in counts.items() if count >= _HALF * len(given)]
        for name, counts in votes.items()
    }
    return {"id": data.get("id"), **data["data"], **chosen}


def _values(value: Mapping[str, Any]) -> list[str]:
    for kind in ("choices", "taxonomy", "labels"):
        if isinstance(value.get(kind), list):
            return ["/".join(map(str, one)) if isinstance(one, list) else str(one) for one in value[kind]]
    return []


def _choices(data: Mapping[str, Any]) -> dict[str, Any]:
    """A choice among options: the options are no labels of the text, and only an accepted answer says which are."""
    kept = {name: value for name, value in data.items() if name not in _OF_TOOL}
    given = data.get("accept", data.get("label", data.get("cats")))
    if data["answer"] == "accept" and given is not None:
        names = {option.get("id"): option.get("text") or option.get("id") for option in data.get("options", ())}
        own = given if isinstance(given, list | dict) else [given]
        kept["accept"] = [names.get(label, label) for label in own] if isinstance(own, list) else own
    marks_words = "spans" in data and "options" not in data
    return kept if "accept" in kept or marks_words else kept | {"accept": None}


def _ask(asked: dict[str, Row], row: Row) -> None:
    """Add the answer to a question about one label of a text to those about its others."""
    data = row.data or {}
    kept = {name: value for name, value in data.items() if name not in ("label", "answer", "meta", "options")}
    held = asked.setdefault(data["text"], Row(row.file, row.number, kept | {"accept": None}, row.error))
    if data["answer"] != "ignore" and held.data is not None:
        before = held.data["accept"] or []
        held.data["accept"] = [*before, data["label"]] if data["answer"] == "accept" else before
