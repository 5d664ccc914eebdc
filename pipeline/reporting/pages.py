"""What the pages of the service share: templates, style, scripts, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
PREDICTION, LABEL, DOCS = "prediction.html.j2", "label.html.j2", "docs.html.j2"
_SCRIPTS = {
    PREDICTION: ("marks.js", "chips.js", "page.js"),
    LABEL: ("marks.js", "chips.js", "label.js"),
    DOCS: ("marks.js",),
}


def filled(template: str, **values: Any) -> str:
    """A page or a part of one, everything a user wrote escaped."""
    own = {"css": _file("page.css"), "script": _script(template), "policy": policy()} if template in _SCRIPTS else {}
    return str(_template(template).render(own | values))


@cache
def policy() -> str:
    """The content security policy of all pages: their own style and scripts, and nothing else from anywhere."""
    digests = (base64.b64encode(hashlib.sha256(_script(page).encode()).digest()).decode() for page in _SCRIPTS)
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'"
    )


@cache
def _script(page: str) -> Markup:
    return Markup("").join(map(_file, _SCRIPTS[page]))


@cache
def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, Undefined

    options: dict[str, Any] = {"autoescape": True, "undefined": Undefined}
    return Environment(loader=FileSystemLoader(TEMPLATES), **options).get_template(name)  # noqa: S701
