"""The words that name countries, their people and capitals: what a story is about should not hang on them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from pipeline.common.csv_table import read_table
from pipeline.features.tokens import tokenize

_COLUMNS = ("name", "capital", "aliases", "demonyms")
_UNION = "EU"  # whose parts are common words
_SHORTEST = 4  # letters of a word that a people's name begins with


def country_words(path: Path) -> frozenset[str]:
    """The names that are one word, in lower case, and of longer ones the word that stands for this country alone and
    that the name of its people is made of: the Zealand of New Zealand, but not the New. Raises DataError."""
    whole: set[str] = set()
    parts, peoples = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for _, row in read_table(path, ("code", *_COLUMNS), "a table of the gazetteer"):
        for column in _COLUMNS:
            names = [tokenize(name).words for name in row[column].split(";")]
            whole.update(name[0] for name in names if len(name) == 1)
            if row["code"] == _UNION:
                continue
            for word in (word for name in names if len(name) > 1 for word in name):
                (peoples if column == "demonyms" else parts)[word].add(row["code"])
    found = {word for word, codes in parts.items() if len(codes) == 1 and len(word) >= _SHORTEST}
    named = {
        (word, people)
        for word in found
        for people, codes in peoples.items()
        if people.startswith(word) and people != word and codes == parts[word]
    }
    return frozenset(whole.union(*named))
