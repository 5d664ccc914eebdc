"""Predictions and explanations for terminals."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TextIO

from pipeline.common.text import plain, safe
from pipeline.prediction.tags import untrained

if TYPE_CHECKING:
    from pipeline.prediction.explaining.explanation import Explanation, Span, TagExplanation
    from pipeline.prediction.tags import Prediction

_COLOURS = ("36", "33", "35", "32", "34", "31")
_REGION_STYLE = "4"
_TASKS = ("topics", "regions")
_WORDS_SHOWN = 8
_MARKED_SHARE = 0.04
_BAR = 12


def as_table(prediction: Prediction, trained: Collection[str] = ("topics", "regions")) -> str:
    """One article's tags for a terminal; a task that is not `trained` says so."""
    topics = [f"  {tag.score:4.2f}  {tag.name}  ({tag.iptc or tag.key})" for tag in prediction.topics]
    regions = [f"  {tag.score:4.2f}  {', '.join([tag.name, *tag.within])}  ({tag.code})" for tag in prediction.regions]
    said = {untrained(task) for task in _TASKS}
    warnings = [f"Note: {warning}" for warning in prediction.warnings if warning not in said]
    none = {task: "  none" if task in trained else "  (this model was not trained for them)" for task in _TASKS}
    lines = ["Topics", *(topics or [none["topics"]]), "Regions", *(regions or [none["regions"]]), *warnings]
    return "\n".join(map(plain, lines))


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal does, unless NO_COLOR says no; FORCE_COLOR says yes."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def explained(explanation: Explanation, colour: bool) -> str:
    """An explanation for a terminal: the tags with their words, then the article with these words marked."""
    styles = _styles(explanation)
    lines = []
    for tag in explanation.tags:
        style = styles.get((tag.task, tag.label), "2")
        name = _painted(plain(f"{tag.name} ({tag.label})"), f"1;{style}", colour)
        head = f"{name}  {_bar(tag.probability)}  {plain(tag.verdict)}"
        lines += [head, *_parts(tag), ""]
    notes = [f"Note: {warning}" for warning in explanation.prediction.warnings]
    return "\n".join([*lines, *([*notes, ""] if notes else []), _article(explanation, styles, colour)])


def _styles(explanation: Explanation) -> dict[tuple[str, str], str]:
    given = [(tag.task, tag.label) for tag in explanation.tags if tag.given and tag.task == "topics"]
    styles = {key: _COLOURS[number % len(_COLOURS)] for number, key in enumerate(given)}
    return styles | {(tag.task, tag.label): _REGION_STYLE for tag in explanation.tags if tag.given and tag.evidence}


def _parts(tag: TagExplanation) -> list[str]:
    named = [f"{safe(part.words)} {part.weight:+.2f}" for part in tag.contributions]
    rest = sum(part.weight for part in tag.contributions[_WORDS_SHOWN:])
    more = [f"{len(named) - _WORDS_SHOWN} more {rest:+.2f}"] if len(named) > _WORDS_SHOWN else []
    total = f"always {tag.intercept:+.2f}; sum {tag.score:+.2f}"
    lines = textwrap.wrap(", ".join([*named[:_WORDS_SHOWN], *more, total]), _width(), **_INDENT)
    if tag.evidence:
        names = dict.fromkeys(f"{safe(found.words)} ({found.kind})" for found in tag.evidence)
        lines += textwrap.wrap("named as " + ", ".join(names), _width(), **_INDENT)
    return lines


_INDENT: Any = {"initial_indent": "    ", "subsequent_indent": "    ", "break_on_hyphens": False}


def _article(explanation: Explanation, styles: dict[tuple[str, str], str], colour: bool) -> str:
    fields = ((explanation.title, "title"), (explanation.text, "text"))
    painted = [_marked(text, _marks(explanation, field, styles), colour) for text, field in fields if text]
    return "\n\n".join(painted)


def _marks(explanation: Explanation, field: str, styles: dict[tuple[str, str], str]) -> list[tuple[Span, str]]:
    """The places to mark in a field, in order, each with the style of the tag that it weighs most for."""
    best: dict[Span, tuple[float, str]] = {}
    for tag in explanation.tags:
        style = styles.get((tag.task, tag.label))
        if style is None:
            continue
        floor = _MARKED_SHARE * max((part.weight for part in tag.contributions), default=0.0)
        weighed = [(place, part.weight) for part in tag.contributions if part.weight > floor for place in part.places]
        for place, weight in [*weighed, *((found.place, 9.0) for found in tag.evidence)]:
            if place.field == field and weight > best.get(place, (0.0, ""))[0]:
                best[place] = (weight, style)
    ordered = sorted(best, key=lambda place: (place.start, -place.end))
    return [(place, best[place][1]) for place in ordered]


def _marked(text: str, marks: list[tuple[Span, str]], colour: bool) -> str:
    shown, end = safe(text), 0
    parts: list[str] = []
    for place, style in marks:
        if place.start < end:
            continue
        word = shown[place.start : place.end]
        parts += [shown[end : place.start], _painted(word, f"1;{style}", True) if colour else f"[{word}]"]
        end = place.end
    return "".join([*parts, shown[end:]])


def _painted(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def _bar(share: float) -> str:
    filled = round(share * _BAR)
    return "█" * filled + "░" * (_BAR - filled)


def _width() -> int:
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 120))
