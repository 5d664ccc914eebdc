"""An article's text as tokens, by field: made once, used by every task."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.features.tokens import Tokens, tokenize


@dataclass(slots=True)
class Document:
    """The tokens of an article's title and body."""

    title: Tokens
    body: Tokens


def document(title: str, text: str) -> Document:
    """Tokenise an article; a text whose first line is its title should have been split before."""
    return Document(tokenize(title), tokenize(text))
