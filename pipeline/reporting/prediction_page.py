"""The page that explains a prediction: one HTML file without anything from outside, made from `templates/`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from pipeline.common.text import safe
from pipeline.prediction.explaining.marks import Segment, segments
from pipeline.reporting.pages import DOCS, PREDICTION, filled

if TYPE_CHECKING:
    from pipeline.prediction.explaining.explanation import Contribution, Explanation, TagExplanation

_ROWS = 12
_MOST_SHOWN = 200_000
_SECTIONS = {"topics": "Topics", "regions": "Countries"}


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields of the box to paste an article into; `labels` says that there are articles to label,
    `names` in which language names are asked for."""

    title: str = ""
    text: str = ""
    model: str = ""
    labels: bool = False
    names: str = ""


def page(
    explanation: Explanation | None,
    subtitle: str = "",
    form: Form | None = None,
    error: str = "",
    asked: bool = False,
    tasks: Sequence[str] = (),
) -> str:
    """The whole page; `asked` opens the tags that weren't given, `form` puts the box above."""
    values: dict[str, Any] = {"subtitle": subtitle, "form": form, "error": error, "asked": asked, "heading": "Dateline"}
    if explanation:
        values |= content(explanation, tasks)
    return filled(PREDICTION, **values)


def docs_page(api: dict[str, Any]) -> str:
    """The description of the service for people, from its OpenAPI document."""
    examples = {}
    for path, methods in api["paths"].items():
        takes = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in list(takes.get("examples", {}).values())[:1]:
            examples[path] = json.dumps(example["value"], ensure_ascii=False)
    return filled(DOCS, api=api, examples=examples)


def content(explanation: Explanation, tasks: Sequence[str] = ()) -> dict[str, Any]:
    """What templates show of an article and its tags; `tasks` are those that the model was trained on, else all."""
    trained = tasks or tuple(_SECTIONS)
    tags = [_tag(number, tag, explanation) for number, tag in enumerate(explanation.tags)]
    return {
        "heading": f"{safe(explanation.title)} - Dateline" if explanation.title else "Dateline",
        "article": _article(explanation),
        "sections": [_section(task, tags) | {"trained": task in trained} for task in _SECTIONS],
        "others": [tag for tag in tags if not tag["given"]],
        "notes": [f"Note: {warning}" for warning in explanation.prediction.warnings],
    }


def _section(task: str, tags: list[dict[str, Any]]) -> dict[str, Any]:
    given = [tag for tag in tags if tag["given"] and tag["task"] == task]
    drawn = _map(given) if task == "regions" and given else ""
    return {"name": _SECTIONS[task], "given": _families(given), "map": drawn}


def _families(tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each topic with those below it behind it."""
    keys = {tag["label"] for tag in tags}
    ordered: list[dict[str, Any]] = []

    def add(tag: dict[str, Any], child: bool) -> None:
        ordered.append(tag | {"child": child})
        for other in tags:
            if other["parent"] == tag["label"]:
                add(other, True)

    for tag in tags:
        if tag["parent"] not in keys:
            add(tag, False)
    return ordered


def _map(given: list[dict[str, Any]]) -> Markup:
    from pipeline.reporting.world import world_svg

    values = {tag["label"]: tag["probability"] for tag in given}
    titles = {tag["label"]: f"{tag['name']} {tag['probability']:.2f}" for tag in given}
    names = "Map: " + ", ".join(titles.values())
    return Markup(world_svg(values, titles, largest=1.0, label=names))  # noqa: S704


def _tag(number: int, tag: TagExplanation, explanation: Explanation) -> dict[str, Any]:
    given: dict[tuple[str, str], Any] = {("topics", topic.key): topic for topic in explanation.prediction.topics}
    given |= {("regions", region.code): region for region in explanation.prediction.regions}
    found = given.get((tag.task, tag.label)) if tag.given else None
    shown = tag.contributions[:_ROWS]
    names = Counter((safe(known.words), known.kind) for known in tag.evidence)
    fields = ("task", "label", "name", "given", "probability", "threshold", "score", "intercept", "verdict")
    return {name: getattr(tag, name) for name in fields} | {
        "number": number,
        "code": getattr(found, "iptc", "") or tag.label,
        "parent": getattr(found, "parent", ""),
        "decision": found.decision if found else "",
        "probability": found.score if found else tag.probability,
        "child": False,
        "rows": _rows(shown),
        "axis": _axis(shown)[0],
        "more": max(0, len(tag.contributions) - _ROWS),
        "rest": sum(part.weight for part in tag.contributions[_ROWS:]),
        "names": [(words, kind, count) for (words, kind), count in names.items()],
    }


def _rows(parts: Sequence[Contribution]) -> list[dict[str, Any]]:
    scale = _axis(parts)[1]
    return [
        {
            "words": safe(part.words),
            "weight": part.weight,
            "count": len(part.places),
            "share": abs(part.weight) * scale,
        }
        for part in parts
    ]


def _axis(parts: Sequence[Contribution]) -> tuple[float, float]:
    """Where zero lies on the bars' scale, and how much of it a weight of 1 takes, in percent."""
    weights = [0.0, *(part.weight for part in parts)]
    width = max(weights) - min(weights) or 1.0
    return -100 * min(weights) / width, 100 / width


def _article(explanation: Explanation) -> dict[str, Any]:
    shown = explanation.text[:_MOST_SHOWN]
    hidden = len(explanation.text) - len(shown)
    marked = _markup(shown, segments(explanation, "text", len(shown)))
    paragraphs = [Markup(part) for part in marked.splitlines() if part.strip()]  # noqa: S704
    title = Markup(_markup(explanation.title, segments(explanation, "title", len(explanation.title))))  # noqa: S704
    left_out = f"{hidden:,} more characters were read and are not shown." if hidden else ""
    return {"title": title, "paragraphs": paragraphs, "left_out": left_out}


def _markup(text: str, marked: list[Segment]) -> str:
    """A text as HTML with its marks; no mark holds a line end."""
    shown, parts, end = safe(text), [], 0
    for segment in marked:
        parts.append(str(escape(shown[end : segment.start])))
        parts += [_mark(piece, segment) for piece in shown[segment.start : segment.end].splitlines(keepends=True)]
        end = segment.end
    return "".join([*parts, str(escape(shown[end:]))])


def _mark(piece: str, segment: Segment) -> str:
    words = piece.rstrip("\n")
    weights = ",".join(f"{number}:{weight}" for number, weight in segment.weights)
    style = ' class="place"' if segment.place else ""
    opened = f'<mark{style} data-w="{weights}" style="--a:{segment.strength:.2f}">'
    return f"{opened}{escape(words)}</mark>{piece[len(words) :]}"
