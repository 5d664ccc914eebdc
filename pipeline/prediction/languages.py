"""Which language each text is in, beside the one that the model reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.features.language.names import MULTI, language_name
from pipeline.features.language.reading import ENGLISH
from pipeline.features.texts import Articles, Documents, Text, tokens, warnings_about, word_counts

if TYPE_CHECKING:
    from pipeline.features.familiar import FamiliarWords

_SURELY_ENGLISH = 0.2  # share of English function words, of which English prose has twice as many, other languages half
_FEWEST_WORDS = 5
_FAMILIAR, _MORE_IN_SHORT = 0.7, 0.6
_ACCENTED = re.compile(r"[^\W\x00-\x7f]")
_SAME = {frozenset(pair) for pair in (("rn", "rw"), ("no", "da"), ("hr", "sr"), ("pcm", ENGLISH))}


@dataclass(frozen=True, slots=True)
class Languages:
    """The language a model learned (MULTI: several), the other one that its texts are in, if they are, and what a model
    of English knows of its words."""

    model: str = ENGLISH
    text: str = ""
    familiar: FamiliarWords | None = field(default=None, repr=False, compare=False)

    def reading(self, language: str) -> Languages:
        """The same model before texts in another language."""
        return replace(self, text=language)

    def of(
        self, items: Sequence[Text], docs: Documents, counts: tuple[np.ndarray, np.ndarray] | None = None
    ) -> list[str]:
        """The language of each text; empty when it can't be told. Detection is loaded for texts not surely English.

        `counts` are the `word_counts` of the documents, where they are known.
        """
        if self.text:
            return [self.text] * len(items)
        words, english = counts or word_counts(docs)
        sure = english >= _SURELY_ENGLISH * words if self.model in {ENGLISH, MULTI} else words < 0
        for row in self._familiar(docs, words, ~sure):
            sure[row] = not _accented(items[row].title) and not _accented(items[row].text)
        found = [ENGLISH] * len(items)
        for row in np.flatnonzero(~sure | (words == 0)).tolist():
            found[row] = self._detected(items[row], int(words[row]), not isinstance(docs, Articles))
        return found

    def others(self, told: Sequence[str]) -> list[int]:
        """The places of texts in another language than the model's."""
        if self.text or self.model == MULTI:
            return []
        return [place for place, language in enumerate(told) if language and not self.reads(language)]

    def reads(self, language: str) -> bool:
        """Whether texts in a language are in the model's, or in one so near that it is told from it by chance."""
        return language == self.model or frozenset((language, self.model)) in _SAME

    def warnings(self, words: Sequence[int], english: Sequence[int]) -> list[tuple[str, ...]]:
        """What makes the tags of texts doubtful, from their words and how many are English function words."""
        if not self.text and self.model == ENGLISH:
            return list(map(warnings_about, words, english))
        short = [tuple(one for one in warnings_about(count, count) if count) for count in words]
        return [(self._other(), *given) for given in short] if self.text else short

    def _familiar(self, docs: Documents, words: np.ndarray, doubtful: np.ndarray) -> list[int]:
        """The places of texts whose words the model has nearly all often seen, in headlines and tables for instance.

        The share that it takes falls with the length of the text: of 9,900 texts, sentences and headlines in 18 other
        languages one has it, and no accented letter; of 3,200 English headlines without function words 71 %.
        """
        asked = np.flatnonzero(doubtful & (words >= _FEWEST_WORDS))
        if self.familiar is None or not len(asked):
            return []
        known, words = docs.part(asked).read_by(self.familiar), words[asked]
        found: list[int] = asked[known >= _FAMILIAR * words + _MORE_IN_SHORT * np.sqrt(words)].tolist()
        return found

    def _other(self) -> str:
        text, model = language_name(self.text), language_name(self.model)
        return (
            f"the text is {text} ({self.text}), the model reads {model}: countries go by their {text} names, "
            "topics are doubtful and nothing is sure enough to publish"
        )

    def _detected(self, item: Text, words: int, compiled: bool) -> str:
        from pipeline.features.language.detection import language_of

        if words < _FEWEST_WORDS and (item.title + item.text).isascii():
            return ""
        return language_of(f"{item.title}\n{item.text}", self.model, compiled)


def _accented(text: str) -> bool:
    return not text.isascii() and _ACCENTED.search(text) is not None


def language_told(item: Text) -> str:
    """The language of a text whatever model reads it; empty when it can't be told."""
    return Languages().of([item], Articles([tokens(item)]))[0]
