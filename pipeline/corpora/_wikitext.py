"""Wikitext of news pages to plain text: no markup, no boxes, no lists of sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.common.errors import DataError
from pipeline.common.project import missing

_APPARATUS = frozenset(
    ("sources", "source", "references", "notes", "external links", "related news", "related articles",
     "related stories", "see also", "sister links", "further reading", "have your say", "footnotes")
)  # fmt: skip
_NO_PROSE = frozenset(("ref", "gallery", "table", "math", "imagemap", "timeline", "syntaxhighlight", "dynamicpagelist"))
_DROPPED_LINKS = ("file:", "image:", "media:", "category:", "special:")
_INTERLANGUAGE = re.compile(r"(?!wp:)[a-z]{2,3}(?:-[a-z]+)*:")
_PREFIX = re.compile(r"^:?(?:[a-z]{1,14}:)+", re.IGNORECASE)
_LINK_TEMPLATES = frozenset(("w", "wp", "wikipedia-inline"))
_MOST_MARKUP = 10_000  # the parser takes quadratic time over brackets that are never closed
_MAGIC = re.compile(r"__[A-Z]{3,}__")
_BLANK_LINES = re.compile(r"(?<![ \t])[ \t]*\n\s*\n\s*")


@dataclass(slots=True)
class Page:
    """What a page holds: its prose, its categories, and its templates as (name, parameters by name or place)."""

    text: str = ""
    categories: list[str] = field(default_factory=list)
    templates: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def parse(wikitext: str) -> Page:
    """A page's text, categories and templates. Raises DataError for wikitext that can't be parsed."""
    if sum(map(wikitext.count, "[{<")) > _MOST_MARKUP:
        raise DataError(f"more than {_MOST_MARKUP:,} brackets, which no article has")
    try:
        import mwparserfromhell
    except ImportError:
        raise DataError(missing("Wikinews", "data")) from None
    try:
        code = mwparserfromhell.parse(wikitext)
    except (mwparserfromhell.parser.ParserError, RecursionError) as error:
        raise DataError(f"wikitext that can't be parsed ({error})") from None
    return Page(_tidy(_prose(code.nodes)), _categories(code), [_template(one) for one in code.filter_templates()])


def _categories(code: Any) -> list[str]:
    titles = (str(link.title).strip() for link in code.filter_wikilinks())
    found = (title.partition(":")[2].strip() for title in titles if title.lower().startswith("category:"))
    return list(dict.fromkeys(name.replace("_", " ") for name in found if name))


def _template(node: Any) -> tuple[str, dict[str, str]]:
    parameters = {str(one.name).strip().lower(): str(one.value).strip() for one in node.params}
    return _name(node), parameters


def _name(node: Any) -> str:
    return str(node.name).strip().lower().replace("_", " ")


def _prose(nodes: Iterable[Any]) -> str:
    """The text outside of the sections that list sources and links."""
    parts = []
    dropped = 0
    for node in nodes:
        if type(node).__name__ == "Heading" and (not dropped or node.level <= dropped):
            title = _rendered(node.title.nodes).strip()
            dropped = node.level if title.lower().rstrip(":") in _APPARATUS else 0
        if not dropped:
            parts.append(_render(node))
    return "".join(parts)


def _rendered(nodes: Iterable[Any]) -> str:
    return "".join(map(_render, nodes))


def _render(node: Any) -> str:
    render = _RENDER.get(type(node).__name__)
    return render(node) if render else ""


def _wikilink(node: Any) -> str:
    title = str(node.title).strip()
    if title.lower().startswith(_DROPPED_LINKS):
        return ""
    shown = _rendered(node.text.nodes) if node.text is not None else ""
    if shown.strip():
        return shown
    return "" if _INTERLANGUAGE.match(title) else _PREFIX.sub("", title).partition("#")[0]


def _inline_template(node: Any) -> str:
    """The words of a link template; every other template is a box or a note."""
    name = _name(node)
    if name not in _LINK_TEMPLATES or not node.params:
        return ""
    plain = [one for one in node.params if not one.showkey]
    return _rendered(plain[min(1, len(plain) - 1)].value.nodes) if plain else ""


def _tag(node: Any) -> str:
    name = str(node.tag).strip().lower()
    if name in ("br", "li", "dd", "dt", "hr"):
        return "\n" if name in ("br", "hr") else ""
    if name in _NO_PROSE or node.contents is None:
        return ""
    return _rendered(node.contents.nodes)


def _external_link(node: Any) -> str:
    return _rendered(node.title.nodes) if node.title is not None else ""


def _entity(node: Any) -> str:
    try:
        return str(node.normalize())
    except ValueError:
        return ""


_RENDER: dict[str, Any] = {
    "Text": lambda node: str(node.value),
    "Wikilink": _wikilink,
    "Template": _inline_template,
    "Tag": _tag,
    "ExternalLink": _external_link,
    "HTMLEntity": _entity,
    "Heading": lambda node: f"\n{_rendered(node.title.nodes).strip()}\n",
}


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _MAGIC.sub("", text).replace("\u00a0", " ")).strip()
