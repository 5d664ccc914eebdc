"""Tokens of texts in languages other than English."""

from __future__ import annotations

from pipeline.common.text import clean, clean_line
from pipeline.features.texts import Document, Text, document

ENGLISH = "en"
_APOSTROPHES = str.maketrans("'’ʼ‘", "    ")


def parted(language: str, title: str, text: str) -> tuple[str, str]:
    """A title and a text; outside English an apostrophe parts words (l'Italia, Almanya'da)."""
    return (title, text) if language == ENGLISH else (title.translate(_APOSTROPHES), text.translate(_APOSTROPHES))


def tokens_in(language: str, item: Text) -> Document:
    """An item cleaned and tokenised, as training in this language does it."""
    return document(*parted(language, clean_line(item.title), clean(item.text)))
