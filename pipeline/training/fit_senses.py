"""Learning to tell places from people and from common words: weak labels from the training articles themselves.

A given name of the tables with a family name behind it, and that family name alone later on, are a person; a name of a
place in a country that the article is about is a place. What stands on either side of each is what a logistic
regression learns from; it is the idea of one sense per discourse (Gale, Church and Yarowsky 1992) and of weak labels by
seed contexts (Yarowsky 1995). No name is ever a feature, so that any name can turn out to be a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from pipeline.common.parallel import in_threads, shares
from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.name_contexts import Contexts, find_contexts, name_counts, small_words
from pipeline.features.compiled.name_finder import Names
from pipeline.features.gazetteer import CITY, STATE, Gazetteer
from pipeline.features.name_senses import (
    AMBIGUOUS,
    CAPITAL_WORD,
    COMMON,
    GIVEN,
    SIDES,
    SURNAME,
    WORD,
    Senses,
    plain_senses,
)

_PART = 50_000  # articles that are read at a time
LEAST_SMALL, LEAST_SEEN = 2, 10
LEAST_NAMED, LEAST_RIGHT, LEAST_LIFT = 10, 0.1, 1.1
DROPPABLE = (CITY, STATE)  # kinds of names that are dropped where they say nothing


def fit_senses(
    docs: Batch,
    gold: np.ndarray,
    gazetteer: Gazetteer,
    people: tuple[Sequence[str], Sequence[str]],
    seed: int,
    jobs: int = 1,
) -> Senses:
    """Senses for the names of `gazetteer`, from articles with their countries `gold` (n, labels), and given names and
    surnames; without examples of both people and places, all names are places."""
    classes = _classes(docs, people, jobs)
    words = tuple(classes)
    kinds, nothing = np.array(list(classes.values()), np.uint8), np.zeros(len(words))
    senses = replace(plain_senses(), words=words, classes=kinds, before=nothing, after=nothing)
    with docs.lexicon.lock:
        names = Names(gazetteer.with_senses(senses), docs.lexicon)
    contexts = _with_new_names(_of_parts(lambda part: find_contexts(docs[part], names, gold[part]), docs, jobs))
    if contexts.place.all() or not contexts.place.any():
        return senses
    return _learned(contexts, docs.lexicon.words, classes, seed)


def silent_names(docs: Batch, gold: np.ndarray, gazetteer: Gazetteer, jobs: int = 1) -> set[int]:
    """The names (numbers) that say nothing of their countries: seen in enough articles, they stand in hardly more of
    those with their countries `gold` (n, labels) than chance would have it. `March` is a town in England, too."""
    with docs.lexicon.lock:
        names = Names(gazetteer, docs.lexicon)
    seen, right = sum(_of_parts(lambda part: np.array(name_counts(docs[part], names, gold[part])), docs, jobs))
    share = gold.mean(axis=0)
    found = set()
    for number in np.flatnonzero(seen >= LEAST_NAMED).tolist():
        by_chance = sum(share[code] for code in {code for code, _, _ in gazetteer.entries[number]})
        if right[number] < seen[number] * max(LEAST_RIGHT, LEAST_LIFT * by_chance):
            found.add(number)
    return found


def _of_parts(function: Callable[[slice], Any], docs: Batch, jobs: int) -> list[Any]:
    """What a function makes of some articles after others, whose tokens need not stay in memory."""

    def made(part: slice) -> Any:
        found = function(part)
        docs.let_go()
        return found

    return in_threads(made, shares(len(docs), max(jobs, -(-len(docs) // _PART))), jobs)


def _classes(docs: Batch, people: tuple[Sequence[str], Sequence[str]], jobs: int) -> dict[str, int]:
    """Words by class, in order."""
    every, small = sum(_of_parts(lambda part: np.array(small_words(docs[part])), docs, jobs))
    common = np.flatnonzero((small >= LEAST_SMALL) & (2 * small >= every)).tolist()
    words = docs.lexicon.words
    found = dict.fromkeys((word for number in common if (word := words[number]).isalpha()), COMMON)
    for names, kind in zip(people, (GIVEN, SURNAME), strict=True):
        for name in names:
            found[name] = found.get(name, 0) | kind
    return dict(sorted(found.items()))


def _with_new_names(parts: Sequence[Contexts]) -> Contexts:
    """The contexts of all parts, and once more the given names before a family name as if no table had them."""
    columns = [np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Contexts)]
    contexts = Contexts(*columns)
    known = np.flatnonzero((contexts.place == 0) & (contexts.given == 1) & np.isin(contexts.after, AMBIGUOUS))
    columns = [np.append(column, column[known]) for column in columns]
    columns[-1][len(contexts.place) :] = 0
    return Contexts(*columns)


def _learned(contexts: Contexts, words: list[str], classes: dict[str, int], seed: int) -> Senses:
    """Senses with the weights of a logistic regression that takes people and places to be as frequent."""
    said = [
        np.where(np.isin(sides, (WORD, CAPITAL_WORD)), numbers, -1)
        for sides, numbers in ((contexts.before, contexts.word_before), (contexts.after, contexts.word_after))
    ]
    known = [np.flatnonzero(np.bincount(of_side + 1)[1:] >= LEAST_SEEN) for of_side in said]
    own = np.isin(contexts.after, AMBIGUOUS) & (contexts.given == 1)
    blocks = [
        _one_hot(contexts.before, SIDES),
        _one_hot(contexts.after, SIDES),
        *(_one_hot(_places(numbers, of_side), len(of_side)) for numbers, of_side in zip(said, known, strict=True)),
        csr_matrix(own[:, None].astype(float)),
    ]
    model = LogisticRegression(C=1.0, solver="liblinear", class_weight="balanced", random_state=seed)
    model.fit(hstack(blocks).tocsr(), contexts.place == 1)
    weights, ends = model.coef_[0], np.cumsum([block.shape[1] for block in blocks])
    sides = np.stack([weights[: ends[0]], weights[ends[0] : ends[1]]])
    by_word = [
        dict(zip((words[number] for number in of_side), of_words.tolist(), strict=True))
        for of_side, of_words in zip(known, (weights[ends[1] : ends[2]], weights[ends[2] : ends[3]]), strict=True)
    ]
    named = tuple(sorted({*classes, *by_word[0], *by_word[1]}))
    before, after = (np.array([of_words.get(word, 0.0) for word in named]) for of_words in by_word)
    kinds = np.array([classes.get(word, 0) for word in named], np.uint8)
    return Senses(named, kinds, before, after, sides, float(weights[-1]), float(model.intercept_[0]))


def _places(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The place of each number among the sorted `known`; -1 for others."""
    if not len(known):
        return np.full(len(numbers), -1)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.where(known[at] == numbers, at, -1)


def _one_hot(values: np.ndarray, size: int) -> csr_matrix:
    """A row for each value with a 1 in its column; an empty one for -1."""
    rows = np.flatnonzero(values >= 0)
    return csr_matrix((np.ones(len(rows)), (rows, values[rows])), shape=(len(values), size))
