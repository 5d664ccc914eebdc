"""The page on which people label articles, and what it shows of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pipeline.reporting.pages import LABEL, filled
from pipeline.reporting.prediction_page import content

if TYPE_CHECKING:
    from pipeline.prediction.explaining.explanation import Explanation


def label_page(subtitle: str, by: str, longest: int) -> str:
    """The page; `by` is who labels, where an API key tells it, `longest` the letters that a name may have."""
    return filled(LABEL, subtitle=subtitle, by=by, longest=longest)


def label_parts(explanation: Explanation, given: Collection[tuple[str, str]]) -> dict[str, Any]:
    """An article as `html` with its words marked, the reasons (`why`), and its `tags`, those `given` on."""
    values = content(explanation)
    tags = [
        {
            "task": tag.task,
            "key": tag.label,
            "name": tag.name,
            "number": number,
            "on": (tag.task, tag.label) in given,
            "score": round(tag.probability, 4),
        }
        for number, tag in enumerate(explanation.tags)
    ]
    return {
        "html": filled("label_article.html.j2", **values),
        "why": filled("label_why.html.j2", **values),
        "tags": tags,
    }
