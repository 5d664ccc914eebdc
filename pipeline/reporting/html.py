"""Reports as pages: one self-contained HTML file each, from a template, everything a user wrote escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reporting.tables import records

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """A template of `templates/` filled with values. Raises jinja2's errors for a template with a mistake."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": _figure, "score": _score, "label": _label, "records": records}
    return environment


def _figure(value: Any) -> str:
    """A number for people: whole ones with commas, others with three decimals, nothing as a dash."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _label(name: str) -> str:
    """A column's or metric's name as people write it."""
    return name.replace("_f1", "-F1").replace("f1", "F1").replace("lrap", "LRAP").replace("_", " ")
