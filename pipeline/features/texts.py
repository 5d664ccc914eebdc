"""An article's text as tokens, by field: made once, used by every task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.common.errors import DataError
from pipeline.common.text import clean, clean_line
from pipeline.features.tokens import Tokens, tokenize

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch


@dataclass(slots=True)
class Document:
    """The tokens of an article's title and body."""

    title: Tokens
    body: Tokens


def document(title: str, text: str) -> Document:
    """Tokenise an article; a text whose first line is its title should have been split before."""
    return Document(tokenize(title), tokenize(text))


# The most frequent function words of English: about 40 % of the words of any English text.
_ENGLISH = frozenset(
    "the of to and a in is it for that on was with as at by from be has have are he she his its".split()  # noqa: SIM905
)


_ENGLISH_SHARE, _ENOUGH_WORDS = 0.08, 12


@dataclass(frozen=True, slots=True)
class Text:
    """What is tagged: a text and, if it has one of its own, its title."""

    text: str
    title: str = ""


def as_text(item: str | Text) -> Text:
    """A string as a Text: its first line is the title when a longer text follows. Raises DataError when empty."""
    if isinstance(item, str):
        first, _, rest = item.strip().partition("\n")
        item = Text(rest, first) if rest.strip() and len(first) < len(rest) else Text(item)
    if not item.text.strip() and not item.title.strip():
        raise DataError("the text is empty: there is nothing to tag")
    return item


def tokens(item: Text) -> Document:
    """An item cleaned and tokenised, as training does it."""
    return document(clean_line(item.title), clean(item.text))


def warnings_about(words: int, english: int) -> tuple[str, ...]:
    """What should make a reader doubt the tags of a text with so many words, and English function words among them."""
    if not words:
        return ("the text holds no words",)
    if words < _ENOUGH_WORDS:
        return (f"the text has only {words} word{'s' * (words > 1)}",)
    if english < _ENGLISH_SHARE * words:
        return ("the text does not look like English prose",)
    return ()


def word_counts(docs: Sequence[Document] | Batch) -> tuple[np.ndarray, np.ndarray]:
    """How many words each document has (n,), and how many of these are English function words (n,)."""
    if isinstance(docs, list | tuple):
        words = [doc.title.words + doc.body.words for doc in docs]
        counts = [len(given) for given in words], [sum(word in _ENGLISH for word in given) for given in words]
        return np.array(counts[0], int), np.array(counts[1], int)
    batch: Batch = docs  # type: ignore[assignment]
    return batch.lengths, batch.occurrences(sorted(_ENGLISH))
