"""Tokens of texts in languages other than English."""

from __future__ import annotations

from dataclasses import replace

from pipeline.common.text import clean, clean_line
from pipeline.features.language.runs import has_runs, spaced
from pipeline.features.texts import Document, Text, document
from pipeline.features.tokens import Tokens, tokenize

ENGLISH = "en"
_APOSTROPHES = str.maketrans("'’ʼ‘", "    ")


def parted(language: str, title: str, text: str) -> tuple[str, str]:
    """A title and a text with blanks between their words.

    Outside English an apostrophe parts words (l'Italia, Almanya'da), and scripts without blanks are cut into pieces.
    """
    return (title, text) if language == ENGLISH else (_parted(title), _parted(text))


def tokens_in(language: str, item: Text) -> Document:
    """An item cleaned and tokenised, as training in this language does it."""
    title, text = clean_line(item.title), clean(item.text)
    return document(title, text) if language == ENGLISH else Document(_tokens(title), _tokens(text))


def words_of(name: str) -> list[str]:
    """The words of a name, as they stand in a text that isn't English."""
    return tokenize(_parted(name)).words


def _parted(text: str) -> str:
    text = text.translate(_APOSTROPHES)
    return spaced(clean(text))[0] if has_runs(text) else text


def _tokens(text: str) -> Tokens:
    text = text.translate(_APOSTROPHES)
    if not has_runs(text):
        return tokenize(text)
    pieces, places = spaced(text)
    return replace(tokenize(pieces), places=places)
