"""Tokens of texts in languages other than English."""

from __future__ import annotations

from pipeline.common.text import clean, clean_line
from pipeline.features.texts import Document, Text, document

ENGLISH = "en"
_APOSTROPHES = str.maketrans("'’ʼ‘", "    ")


def tokens_in(language: str, item: Text) -> Document:
    """An item cleaned and tokenised; outside English an apostrophe parts words (l'Italia, Almanya'da)."""
    title, text = clean_line(item.title), clean(item.text)
    if language != ENGLISH:
        title, text = title.translate(_APOSTROPHES), text.translate(_APOSTROPHES)
    return document(title, text)
