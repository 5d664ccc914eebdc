"""The predictor: loads a predictor file and tags articles; needs numpy and nothing heavier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import ModelError
from pipeline.common.records import records
from pipeline.features.familiar import FamiliarWords
from pipeline.features.language.reading import ENGLISH, tokens_in
from pipeline.features.texts import (
    Articles,
    Document,
    Documents,
    Text,
    as_text,
    as_texts,
    in_batches,
    tokens,
    warnings_about,
    word_counts,
)
from pipeline.prediction import predictor_file
from pipeline.prediction.checks import BadContent, check
from pipeline.prediction.compiled_before import COSTLY, MANY, is_kept
from pipeline.prediction.labels import Label, Labels, read
from pipeline.prediction.languages import Languages
from pipeline.prediction.tagger import Tagger, whole_text_of
from pipeline.prediction.tags import PUBLISH, REVIEW, Prediction, RegionTag, TagMaker, TopicTag, all_remarked, untrained

if TYPE_CHECKING:
    from pipeline.features.compiled.lexicon import Lexicon
    from pipeline.prediction.explaining.explanation import Explanation

_PATIENT = 10  # how many times longer to wait for a process that compiles
Given = str | Text | Mapping[str, Any]
Made = TypeVar("Made", bound=TagMaker)
_MOST_WORDS = 1_000_000
__all__ = [
    "PUBLISH", "REGIONS", "REVIEW", "TOPICS", "Prediction", "Predictor", "RegionTag", "Tagger", "Text", "TopicTag",
    "as_text", "load_predictor", "tokens", "warnings_about", "word_counts",
]  # fmt: skip


@dataclass(slots=True, repr=False)
class Predictor:
    """A loaded predictor. Its answers never change, and threads can share it."""

    name: str
    sha256: str
    taggers: dict[str, Tagger]
    labels: Labels
    description: dict[str, Any] = field(default_factory=dict)
    languages: Languages = field(default_factory=Languages)
    _lexicon: Lexicon | None = field(default=None, repr=False, compare=False)
    _letters: int = field(default=0, init=False, repr=False, compare=False)
    _patience: int = field(default=COSTLY, init=False, repr=False, compare=False)
    _makers: dict[str, TagMaker] = field(init=False, repr=False, compare=False)
    _readers: dict[str, Predictor] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._makers = self.makers(TagMaker)
        if self.languages.model == ENGLISH and (model := whole_text_of(self.taggers.values())):
            self.languages = replace(self.languages, familiar=FamiliarWords(model.features))

    def __reduce__(self) -> tuple[Any, ...]:
        """What is made of the taggers, readers of other languages among it, is made anew."""
        languages = replace(self.languages, familiar=None)
        given = self.name, self.sha256, self.taggers, self.labels, self.description, languages, self._lexicon
        return Predictor, given

    def __repr__(self) -> str:
        tasks = ", ".join(f"{len(tagger.labels)} {task}" for task, tagger in self.taggers.items())
        return f"<Predictor {self.name} {self.sha256[:12]}: {tasks}>"

    def predict(self, texts: Given | Iterable[Given]) -> list[Prediction]:
        """Tag texts: strings, `Text`, or dicts of `text` and `title`; a single one gives a list of one prediction.

        A plain string's first line is its title when more follows. An empty text among others has no tags, and a
        warning that says so. Raises DataError when there is nothing to tag in any.
        """
        items = as_texts([texts] if isinstance(texts, str | Text | Mapping) else texts)
        tagged = iter(self.tagged([item for item in items if isinstance(item, Text)], self._makers))
        return [next(tagged) if isinstance(item, Text) else Prediction(warnings=(str(item),)) for item in items]

    def makers(self, kind: Callable[[str, Sequence[str], Mapping[str, Label]], Made]) -> dict[str, Made]:
        """What makes each task's tags of scores, of a kind of TagMaker."""
        return {task: kind(task, one.labels, self.labels.get(task, {})) for task, one in self.taggers.items()}

    def tagged(self, items: Sequence[Text], makers: Mapping[str, TagMaker]) -> list[Prediction]:
        """Tag texts that `as_text` gave; the tags are what `makers` make, but those of texts in another language."""
        found: list[Prediction] = []
        for batch in in_batches(items):
            docs = self.documents(batch)
            scores = {task: tagger.probabilities(docs) for task, tagger in self.taggers.items()}
            counts = word_counts(docs)
            told = self.languages.of(batch, docs, counts)
            tagged = self._predictions(counts, scores, told, makers)
            for row in self.languages.others(told):
                tagged[row] = self._reader(told[row])._predict_one(batch[row])
            found += all_remarked(tagged, batch, compiled=not isinstance(docs, Articles))
        return found

    def compile(self) -> None:
        """Load the compiled functions now: a quarter of a second, or of a minute the first time on a machine.

        From then on texts are tagged some ten times as fast, with the same tags. A predictor that has been given more
        than half a million letters does it by itself, the first time on a machine after 20 million. Without numba, and
        outside English, nothing changes.
        """
        if self._lexicon is None and self.can_compile:
            self._begin_words()

    @property
    def can_compile(self) -> bool:
        """Whether there are compiled functions for this predictor."""
        return _can_compile() and self.languages.model == ENGLISH

    def wait_for_compiler(self) -> None:
        """Tag without compiled functions until another process has compiled them, and with them from then on."""
        self._letters, self._patience = MANY, _PATIENT * COSTLY

    def _begin_words(self) -> None:
        from pipeline.features.compiled.batch import encode
        from pipeline.features.compiled.lexicon import Lexicon
        from pipeline.features.compiled.signs import remarkable

        lexicon = Lexicon()
        docs = encode([("Ready", "Is it?")], lexicon)
        for tagger in self.taggers.values():
            tagger.probabilities(docs)
        remarkable(["Is it?"])
        self._lexicon = lexicon  # only now, so that other threads don't wait for a compiler

    def forget_words(self, most: int) -> None:
        """Begin a new table of the words of texts when it holds more than so many; takes a tenth of a second then."""
        if self._lexicon is not None and len(self._lexicon) > most:
            self._begin_words()

    def explain(self, text: str | Text, labels: Iterable[str] = (), near: int = 0) -> Explanation:
        """Tag a text and say why: each word's exact share of each score, and the words' places.

        `labels` (keys, NewsCodes, country codes or names) are explained even if not given, and so are the `near` most
        probable of each task that were not given. Raises DataError for an empty text or an unknown label.
        """
        from pipeline.prediction.explaining.explanation import explain

        item = as_text(text)
        return explain(self._reader_of(item), item, labels, near)

    def probabilities(self, texts: Sequence[str | Text]) -> dict[str, np.ndarray]:
        """Each task's calibrated probabilities, (texts, labels of the task)."""
        items = [as_text(text) for text in texts]
        docs = self.documents(items)
        return self.scores(items, docs, self.languages.of(items, docs))

    def scores(self, items: Sequence[Text], docs: Documents, told: Sequence[str]) -> dict[str, np.ndarray]:
        """The probabilities of texts whose tokens and languages are known."""
        found = {task: tagger.probabilities(docs) for task, tagger in self.taggers.items()}
        for row in self.languages.others(told):
            for task, scores in self._reader(told[row]).probabilities([items[row]]).items():
                found[task][row] = scores[0]
        return found

    def decisions(self, probabilities: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Which labels each task gives, (texts, labels), parents of given topics included."""
        given = {task: self.taggers[task].decide(scores) for task, scores in probabilities.items()}
        if TOPICS in given:
            given[TOPICS] = self._makers[TOPICS].close(given[TOPICS])
        return given

    def predict_document(self, doc: Document) -> tuple[Prediction, dict[str, np.ndarray]]:
        """The tags of a tokenised article, and each task's calibrated probabilities (labels of the task)."""
        docs = Articles([doc])
        scores = {task: tagger.probabilities(docs) for task, tagger in self.taggers.items()}
        told = [self.languages.text or self.languages.model]
        return self._predictions(word_counts(docs), scores, told, self._makers)[0], {
            task: found[0] for task, found in scores.items()
        }

    def document(self, item: Text) -> Document:
        """An item's tokens, as this predictor reads them."""
        return tokens_in(self.languages.text or self.languages.model, item)

    def label(self, task: str, key: str) -> Label:
        """What is known of a label of TOPICS or REGIONS: of one that nothing is known of, its key as its name."""
        return self.labels.get(task, {}).get(key, Label(key))

    def label_name(self, task: str, label: str) -> str:
        """What people call a label of TOPICS or REGIONS."""
        return self.label(task, label).name

    def named(self, language: str) -> Predictor:
        """This predictor, with names of topics and countries in another language; DataError when there are none."""
        from pipeline.prediction.names import in_language

        given = self.taggers, in_language(language, self.labels), self.description, self.languages
        return Predictor(self.name, self.sha256, *given)

    def names(self, task: str) -> dict[str, str]:
        """What people call the labels of a task, those without an article included."""
        return {key: label.name for key, label in self.labels.get(task, {}).items()}

    def continents(self) -> dict[str, str]:
        """The outermost group that each country lies in."""
        return {code: label.within[-1] for code, label in self.labels.get(REGIONS, {}).items() if label.within}

    def parent(self, topic: str) -> str:
        """The key of the topic above; empty at the top."""
        return self.label(TOPICS, topic).parent

    def _reader_of(self, item: Text) -> Predictor:
        """What tags this text: the predictor itself, or what it makes of a text in another language."""
        told = self.languages.of([item], Articles([tokens(item)]))
        return self._reader(told[0]) if self.languages.others(told) else self

    def _reader(self, language: str) -> Predictor:
        """This predictor, for texts in another language."""
        reader = self._readers.get(language)
        if reader is None:
            from pipeline.prediction.other_language import taggers_for

            given = taggers_for(language, self.taggers), self.labels, self.description, self.languages.reading(language)
            reader = self._readers[language] = Predictor(self.name, self.sha256, *given)
        return reader

    def _predict_one(self, item: Text) -> Prediction:
        return self.predict_document(self.document(item))[0]

    def documents(self, items: Sequence[Text]) -> Documents:
        """The tokens of texts: one by one, or once there have been many, by the compiled functions."""
        if self.languages.text or self.languages.model != ENGLISH:
            return Articles(map(self.document, items))
        self._letters += sum(len(item.text) for item in items)
        if self._lexicon is None and not self._compiling_pays():
            return Articles(map(tokens, items))
        from pipeline.features.compiled.batch import encode

        lexicon = self._lexicon
        if lexicon is None or len(lexicon) > _MOST_WORDS:
            self._begin_words()
        assert self._lexicon is not None
        return encode(((item.title, item.text) for item in items), self._lexicon)

    def _compiling_pays(self) -> bool:
        if self._letters < MANY or not _can_compile():
            return False
        return self._letters >= self._patience or is_kept(self.taggers.values())

    def _predictions(
        self,
        counts: tuple[np.ndarray, np.ndarray],
        scores: dict[str, np.ndarray],
        told: Sequence[str],
        makers: Mapping[str, TagMaker],
    ) -> list[Prediction]:
        given, (words, english) = self.decisions(scores), counts
        tags: dict[str, list[Any]] = {TOPICS: [()] * len(words), REGIONS: [()] * len(words)}
        for task, maker in makers.items():
            # An implied parent is as sure as the surest of its children.
            publish = maker.close(self.taggers[task].publishable(scores[task]) & given[task])
            tags[task] = maker.tags(scores[task], given[task] & (words > 0)[:, None], publish)
        warnings = self.languages.warnings(words.tolist(), english.tolist())
        if missing := tuple(untrained(task) for task in (TOPICS, REGIONS) if task not in self.taggers):
            warnings = [(*given, *missing) for given in warnings]
        return records(Prediction, len(words), tags[TOPICS], tags[REGIONS], warnings, told)


def load_predictor(path: str | Path = "models/news") -> Predictor:
    """Load a predictor from its folder or file. Raises ModelError, in one line, for one that can't be used."""
    content, description = predictor_file.load(Path(path))
    try:
        check(content)
        languages = Languages(str(content.get("language", ENGLISH)))
        taggers = {task: _tagger(state) for task, state in content["tasks"].items()}
        return Predictor(
            content["name"], description["sha256"], taggers, read(content["taxonomy"]), description, languages
        )
    except ModelError:
        raise
    except BadContent as error:
        raise ModelError(f"{path} holds no whole predictor: {error}; train again") from None
    except Exception as error:  # a file made by hand can hold anything
        raise ModelError(f"{path} holds no whole predictor ({type(error).__name__}); train again") from None


@cache
def _can_compile() -> bool:
    return find_spec("numba") is not None


def _tagger(state: dict[str, Any]) -> Tagger:
    if state["kind"] == "regions":
        from pipeline.prediction.region_tagger import RegionTagger

        return RegionTagger.from_state(state["state"])
    from pipeline.prediction.topic_tagger import LinearTagger

    return LinearTagger.from_state(state["state"])
