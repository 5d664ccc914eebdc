"""What a model saw: the tags, scores, lengths and words of a set of articles, in numbers that hold no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError
from pipeline.common.files import write_json
from pipeline.common.label_tree import links, raised
from pipeline.common.parallel import ahead
from pipeline.common.state_files import read_json
from pipeline.features.texts import Text, as_text, word_counts
from pipeline.features.unknown_terms import UnknownTerms
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tagger import whole_text_of
from pipeline.prediction.tags import PUBLISH

REFERENCE = "reference.json"
LENGTHS = (50, 100, 200, 400, 800, 1600)  # words: the edges of the bins
_FORMAT, _BINS, _PART = 1, 10, 2_000
_Looked = tuple[np.ndarray, np.ndarray, np.ndarray, list[str], dict[str, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Seen:
    """Of n articles: words (n,), share of words the model doesn't know (n,), whether there is a warning (n,), and the
    language; by task the probabilities, tags given and tags sure enough to publish, all (n, L).

    A topic is at least as probable as those below it; `stated` are the probabilities before that.
    """

    words: np.ndarray
    unknown: np.ndarray
    warned: np.ndarray
    languages: tuple[str, ...]
    stated: dict[str, np.ndarray]
    probabilities: dict[str, np.ndarray]
    given: dict[str, np.ndarray]
    published: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class TaskProfile:
    """One task's counts: articles of each label, tags, tags published, and highest probabilities in ten bins."""

    labels: dict[str, int]
    tags: int
    published: int
    highest: list[int]


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of a set of articles; `unknown` and `words` are the mean and standard deviation of the share of unknown
    words and of the logarithm of the length, `languages` the articles in each (ISO 639; empty where none is told)."""

    documents: int
    warned: int
    lengths: list[int]
    words: tuple[float, float]
    unknown: tuple[float, float]
    tasks: dict[str, TaskProfile]
    languages: dict[str, int] = field(default_factory=dict)


def look(
    predictor: Predictor, texts: Iterable[Text], advance: Callable[[int], None] = lambda _: None, jobs: int = 1
) -> Seen:
    """Tag texts and keep what says how they are; `advance` is told after each part how many it had.

    Several `jobs` are threads, which are faster where there are compiled functions at work, and change nothing.
    """
    parts: list[_Looked] = []
    others: dict[int, Text] = {}
    start = 0
    for part, foreign in ahead(partial(_look, predictor), _parts(texts), jobs):
        parts.append(part)
        others |= {start + row: text for row, text in foreign.items()}
        start += len(part[0])
        advance(len(part[0]))
    words, unknown, warned, told, scores = zip(*parts, strict=True)
    stated = {task: np.concatenate([part[task] for part in scores]) for task in predictor.taggers}
    given = predictor.decisions(stated)
    published = {task: predictor.taggers[task].publishable(stated[task]) & given[task] for task in stated}
    languages = tuple(language for part in told for language in part)
    lengths, strange, doubted = (np.concatenate(part) for part in (words, unknown, warned))
    for row, text in others.items():
        _decide_alone(predictor, text, row, given, published)
        doubted[row] = True
    return Seen(lengths, strange, doubted, languages, stated, closed_upwards(predictor, stated), given, published)


def closed_upwards(predictor: Predictor, stated: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Probabilities by task, in which a topic is at least as probable as those below it."""
    labels = predictor.taggers[TOPICS].labels if TOPICS in stated else ()
    above = links(labels, predictor.parent)
    return {task: raised(scores, above) if task == TOPICS else scores for task, scores in stated.items()}


def _decide_alone(
    predictor: Predictor, text: Text, row: int, given: dict[str, np.ndarray], published: dict[str, np.ndarray]
) -> None:
    """Put down what is decided of a text in another language than the model's, which other thresholds decide on."""
    found = predictor.predict([text])[0]
    decisions = {
        TOPICS: {tag.key: tag.decision for tag in found.topics},
        REGIONS: {tag.code: tag.decision for tag in found.regions},
    }
    for task, whole in given.items():
        labels = predictor.taggers[task].labels
        whole[row] = [label in decisions[task] for label in labels]
        published[task][row] = [decisions[task].get(label) == PUBLISH for label in labels]


def profile(predictor: Predictor, seen: Seen) -> Profile:
    """The counts of what was seen."""
    tasks = {}
    for task, given in seen.given.items():
        counts = dict(zip(predictor.taggers[task].labels, map(int, given.sum(axis=0)), strict=True))
        highest = np.minimum((seen.probabilities[task].max(axis=1, initial=0.0) * _BINS).astype(int), _BINS - 1)
        binned = np.bincount(highest, minlength=_BINS).tolist()
        tasks[task] = TaskProfile(counts, int(given.sum()), int(seen.published[task].sum()), binned)
    lengths = np.bincount(np.searchsorted(LENGTHS, seen.words, side="right"), minlength=len(LENGTHS) + 1)
    logs = np.log(np.maximum(1, seen.words))
    counted = len(seen.words), int(seen.warned.sum()), lengths.tolist()
    languages = dict(Counter(seen.languages).most_common())
    return Profile(*counted, _moments(logs), _moments(seen.unknown), tasks, languages)


def write_profile(folder: Path, found: Profile) -> None:
    """Keep a profile beside a predictor, as what later articles are compared with."""
    write_json(folder / REFERENCE, {"format": _FORMAT, **asdict(found)})


def read_profile(folder: Path) -> Profile:
    """The profile beside a predictor. Raises DataError when there is none, or a damaged one."""
    path = folder / REFERENCE
    try:
        values = read_json(path)
        tasks = {task: TaskProfile(**found) for task, found in values["tasks"].items()}
        words, unknown = ((float(mean), float(spread)) for mean, spread in (values["words"], values["unknown"]))
        languages = {str(name): int(count) for name, count in values.get("languages", {}).items()}  # earlier: none
        counted = int(values["documents"]), int(values["warned"]), values["lengths"]
        return Profile(*counted, words, unknown, tasks, languages)
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing: the model was trained without validation articles, or before models kept it; "
            "train again, or name articles to compare with: --reference FILE"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}); train again") from None


def _parts(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """At least one part, be it empty."""
    waiting = iter(texts)
    yield list(islice(waiting, _PART))
    while part := list(islice(waiting, _PART)):
        yield part


def _look(predictor: Predictor, given: Sequence[Text]) -> tuple[_Looked, dict[int, Text]]:
    """Of each text: words, share of words that the model doesn't know, whether there is a warning, its language, and
    its probabilities by task; and the texts in another language than the model's, by place."""
    texts = list(map(as_text, given))
    docs = predictor.documents(texts)
    words, english = word_counts(docs)
    warned = np.array(list(map(bool, predictor.languages.warnings(words.tolist(), english.tolist()))), bool)
    told = predictor.languages.of(texts, docs)
    model = whole_text_of(predictor.taggers.values())
    unknown = docs.read_by(UnknownTerms(model.features)) if model else np.zeros(len(docs), np.int64)
    found = words, unknown / np.maximum(1, words), warned, told, predictor.scores(texts, docs, told)
    return found, {row: texts[row] for row in predictor.languages.others(told)}


def _moments(values: np.ndarray) -> tuple[float, float]:
    return (float(values.mean()), float(values.std())) if len(values) else (0.0, 0.0)
