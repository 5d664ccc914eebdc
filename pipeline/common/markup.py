"""HTML and WordPress markup in the texts of rows: taken out, so that the words are those of the plain article."""

from __future__ import annotations

import re

from pipeline.common.patterns import lazily

# An element ends somewhere, a tag stands alone, or an editor left its mark: "<P>" alone is a ticker, not a paragraph.
_INLINE = "a|abbr|b|bdi|bdo|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|time|var|wbr"
_BLOCKS = (
    "p|div|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|blockquote|pre|section|article|main|header|"
    "footer|aside|nav|address|center|html|body|head|title|figure|figcaption|img|picture|source|video|audio|iframe|"
    "script|style|noscript|form|button|svg|template|caption|details|summary|meta|link|base|object|embed|input|label"
)
_NAMES = f"{_BLOCKS}|{_INLINE}"
_SIGNS = lazily(
    rf"<(?:/(?:{_NAMES})\s*>|(?:br|hr)\s*/?>|!--\s*/?(?:wp:|more\b|\[if)|!doctype\s+html"
    rf"|(?:{_NAMES})\s+[a-z:-]+\s*=\s*[\"'][^<]*>)",
    re.IGNORECASE,
)
_PARAGRAPHS = lazily(r"\n[ \t]{0,20}<p>[^<]{1,9999}\n[ \t]{0,20}<p>", re.IGNORECASE)
_TAG = lazily(rf"<!--|<(?P<end>/?)(?P<name>{_NAMES}|[a-z]+:[a-z]+)\b(?:[^<>\"']|\"[^\"<]{{0,999}}\"|[\"'])*+>", re.I)
_ENTITY = lazily(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SHORTCODE = lazily(r"\[/?(?:caption|gallery|embed|audio|video|playlist|youtube|vc_\w+|et_pb_\w+)\b[^\[\]]{0,2000}\]")
_CAPTION = lazily(r"\[caption\b[^\[\]]{0,2000}\][^\[]*\[/caption\]")
_LOOSE = frozenset(_INLINE.split("|"))
_UNREAD = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "figure", "form", "button", "head",
                     "nav", "object", "audio", "video"))  # fmt: skip


def unescaped(text: str) -> str:
    """The text with the signs that its entities stand for."""
    from html import unescape  # two thousand names, of which most texts have none

    return unescape(text)


def without_markup(text: str) -> str:
    """The text without tags, comments, scripts and captions, its entities as signs, one line break between blocks.

    A text without markup comes back as it is. Time grows with the length of the text.
    """
    if "<" in text and (_SIGNS.search(text) or _PARAGRAPHS.search(text)):
        text = unescaped(_readable(_CAPTION.sub(" ", text) if "[caption" in text else text))
        return _SHORTCODE.sub(" ", text).strip() if "[" in text else text.strip()
    return _entities(text) if "&" in text else text


def _entities(text: str) -> str:
    """What `&amp;` and the like stand for; a text may have been through this twice."""
    once = _ENTITY.sub(lambda match: unescaped(match.group()), text)
    return _ENTITY.sub(lambda match: unescaped(match.group()), once) if once != text and "&" in once else once


def _readable(text: str) -> str:
    """What stands between the tags, outside elements that no reader reads as text."""
    parts: list[str] = []
    at, unread, endless = 0, "", set[str]()
    while match := _TAG.search(text, at):
        if not unread:
            parts.append(text[at : match.start()])
        at = match.end()
        name = (match["name"] or "").lower()
        if not name:
            end = text.find("-->", at)
            at = len(text) if end < 0 else end + 3
        elif unread:
            unread = "" if name == unread and match["end"] else unread
        elif name in _UNREAD - endless and not match["end"] and not match.group().endswith("/>"):
            unread = name if _ends(text, name, at) else ""
            endless |= set() if unread else {name}
        elif name not in _LOOSE:
            parts.append("\n")
    return "".join([*parts, text[at:]] if not unread else parts)


def _ends(text: str, name: str, at: int) -> bool:
    """Whether the element is closed at all; one that isn't would swallow the article."""
    return re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, at) is not None
