"""An article's text as tokens, by field: made once, used by every task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from pipeline.common.errors import DataError
from pipeline.common.markup import without_markup
from pipeline.common.text import clean, clean_line
from pipeline.features.tokens import Tokens, tokenize

_BATCH_LETTERS = 1 << 22
Made = TypeVar("Made", covariant=True)  # noqa: PLC0105


@dataclass(slots=True)
class Document:
    """The tokens of an article's title and body."""

    title: Tokens
    body: Tokens


class Reader(Protocol[Made]):
    """What makes something of articles: one way for a few, read in Python, another for a compiled `Batch`."""

    def of_articles(self, docs: Articles) -> Made: ...

    def of_batch(self, docs: Any) -> Made: ...


class Documents(Protocol):
    """Tokenised articles of either kind: `Articles`, or a `Batch` for the compiled functions."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each article (n,), the title's included."""

    def occurrences(self, words: Sequence[str]) -> np.ndarray:
        """How often any of `words` stands in each article (n,)."""

    def part(self, rows: Sequence[int] | np.ndarray) -> Documents:
        """Some of the articles."""

    def read_by(self, reader: Reader[Made]) -> Made:
        """What the reader makes of this kind of documents."""


class Articles(tuple[Document, ...]):
    """A few articles, read in Python: nothing has to be compiled or loaded for them."""

    __slots__ = ()

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each article (n,), the title's included."""
        return np.array([len(doc.title.words) + len(doc.body.words) for doc in self], int)

    def occurrences(self, words: Sequence[str]) -> np.ndarray:
        """How often any of `words` stands in each article (n,)."""
        wanted = frozenset(words)
        return np.array([sum(map(wanted.__contains__, doc.title.words + doc.body.words)) for doc in self], int)

    def part(self, rows: Sequence[int] | np.ndarray) -> Articles:
        """Some of the articles."""
        return Articles(self[row] for row in rows)

    def read_by(self, reader: Reader[Made]) -> Made:
        """What the reader makes of articles."""
        return reader.of_articles(self)


def document(title: str, text: str) -> Document:
    """Tokenise an article; a text whose first line is its title should have been split before."""
    return Document(tokenize(title), tokenize(text))


# The most frequent function words of English: about 40 % of the words of any English text.
_ENGLISH = frozenset(
    "the of to and a in is it for that on was with as at by from be has have are he she his its".split()  # noqa: SIM905
)


_IN_ORDER = tuple(sorted(_ENGLISH))
_ENGLISH_SHARE, _ENOUGH_WORDS = 0.08, 12


@dataclass(frozen=True, slots=True)
class Text:
    """What is tagged: a text and, if it has one of its own, its title; `html` if tags were taken out of them."""

    text: str
    title: str = ""
    html: bool = False


def as_text(item: str | Text | Mapping[str, Any]) -> Text:
    """A string as a Text: its first line is the title when a longer text follows; markup is taken out.

    A dict has `text` and, if it likes, `title`. Raises DataError when empty, or for what is none of these.
    """
    if isinstance(item, Mapping):
        item = _of_dict(item)
    if not isinstance(item, str | Text):
        raise DataError(f"an article is a string, a Text or a dict with 'text', not {type(item).__name__}")
    if isinstance(item, str):
        plain = without_markup(item)
        first, _, rest = plain.strip().partition("\n")
        html = _fewer_tags(item, plain)
        item = Text(rest, first, html) if rest.strip() and len(first) < len(rest) else Text(plain, html=html)
    elif "<" in item.text or "&" in item.text or "<" in item.title or "&" in item.title:
        text, title = without_markup(item.text), without_markup(item.title)
        item = Text(text, title, item.html or _fewer_tags(item.text, text) or _fewer_tags(item.title, title))
    if _blank(item.text) and _blank(item.title):
        raise DataError("the text is empty: there is nothing to tag")
    return item


def as_texts(items: Iterable[str | Text | Mapping[str, Any]]) -> list[Text | DataError]:
    """Each item as a Text, or what is wrong with it. Raises DataError when nothing is left to tag."""
    found: list[Text | DataError] = []
    for item in items:
        try:
            found.append(as_text(item))
        except DataError as error:
            found.append(error)
    if found and not any(isinstance(one, Text) for one in found):
        raise next(one for one in found if isinstance(one, DataError))
    return found


def in_batches(items: Sequence[Text]) -> Iterator[list[Text]]:
    """Texts in lists that are bounded in letters."""
    batch: list[Text] = []
    letters = 0
    for item in items:
        batch.append(item)
        letters += len(item.text) + len(item.title)
        if letters >= _BATCH_LETTERS:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


def _blank(text: str) -> bool:
    return not text or text.isspace()  # which makes no copy


def _fewer_tags(before: str, after: str) -> bool:
    return "<" in before and before.count("<") > after.count("<")


def _of_dict(item: Mapping[str, Any]) -> Text:
    text, title = (item.get(name) or "" for name in ("text", "title"))
    if not isinstance(text, str) or not isinstance(title, str):
        raise DataError("an article is a dict with 'text' and perhaps 'title', both of them texts")
    return Text(text, title)


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


def word_counts(docs: Documents) -> tuple[np.ndarray, np.ndarray]:
    """How many words each document has (n,), and how many of these are English function words (n,)."""
    return docs.lengths, docs.occurrences(_IN_ORDER)
