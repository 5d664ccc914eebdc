"""One model of several languages of MasakhaNEWS, its features marked by language or not, beside a model of each:
`python -m benchmarks.several_languages --masakhanews FOLDER --languages lin,lug,run,som`.

Learned from the training articles and judged on the development articles; the test articles are not looked at. Marked
features are the words of a language with its name before them, so that no two languages share a word. All use words and
pieces of 3 to 5 letters, which nearly all languages of MasakhaNEWS chose.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.languages import LANGUAGES
from pipeline.common.article import Article
from pipeline.common.config import TaggerSettings
from pipeline.corpora import masakhanews
from pipeline.features.compiled.batch import encode
from pipeline.features.language.names import MULTI
from pipeline.features.language.reading import parted
from pipeline.training import language_terms
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import fit_tagger

RESULTS = Path(__file__).parent / "results" / "several_languages.json"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Articles of one language: title and text, and their labels."""

    texts: Sequence[tuple[str, str]]
    labels: Sequence[str]


def read(folder: Path, language: str, split: str) -> Part:
    """The articles of a split."""
    rows = masakhanews.read(masakhanews.Options(subset=language, path=str(folder)), folder)
    kept = [row for row in rows if isinstance(row, Article) and row.split == split]
    return Part([(row.title, row.text) for row in kept], [(row.topics or [""])[0] for row in kept])


def marked(language: str, part: Part) -> Part:
    """The same with the language's name before each word."""
    texts = [tuple(_WORD.sub(lambda word: f"{language}{word[0].lower()}", text) for text in one) for one in part.texts]
    return Part([(title, text) for title, text in texts], part.labels)


def judged(code: str, train: Sequence[Part], dev: Sequence[Part]) -> list[float]:
    """Weighted F1 of one model on each of the development parts, labels of other languages left out of its choice."""
    texts = [text for part in train for text in part.texts]
    labels = [label for part in train for label in part.labels]
    known = sorted(set(labels))
    docs = encode([parted(code, *text) for text in texts])
    fitted = fit_tagger(
        Examples(docs, [[label] for label in labels]), known, {}, TaggerSettings(), Run(42, 1, language=code)
    )
    found = []
    for own, part in zip(train, dev, strict=True):
        scores = fitted.tagger.probabilities(encode([parted(code, *text) for text in part.texts], docs.lexicon))
        scores[:, [label not in set(own.labels) for label in known]] = -1
        given = [known[column] for column in np.argmax(scores, axis=1)]
        found.append(float(f1_score(part.labels, given, average="weighted")))
    return found


def main() -> None:
    """Print a line for each language, and keep the figures in benchmarks/results/several_languages.json."""
    parser = argparse.ArgumentParser(description="One model of several languages.")
    parser.add_argument("--masakhanews", type=Path, required=True, help="folder with the TSV files")
    parser.add_argument("--languages", default="lin,lug,run,som")
    given = parser.parse_args()
    names = given.languages.split(",")
    language_terms.WAYS = ((3, 5),)
    train, dev = ([read(given.masakhanews, name, split) for name in names] for split in ("train", "validation"))
    alone = [judged(LANGUAGES[name], [one], [two])[0] for name, one, two in zip(names, train, dev, strict=True)]
    plain = judged(MULTI, train, dev)
    both = [[marked(name, part) for name, part in zip(names, parts, strict=True)] for parts in (train, dev)]
    apart = judged(MULTI, *both)
    found = {
        name: {"train": len(one.labels), "development": len(two.labels), "alone": a, "together": b, "marked": c}
        for name, one, two, a, b, c in zip(names, train, dev, alone, plain, apart, strict=True)
    }
    for name, figures in found.items():
        print(name, json.dumps(figures))
    print(
        "mean",
        {way: round(mean(float(one[way]) for one in found.values()), 4) for way in ("alone", "together", "marked")},
    )
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
