"""MasakhaNEWS and 10kGNAD beside a scikit-learn pipeline: `make benchmark-languages`, or this file with paths.

Ours chooses words, stems or pieces of words out of fold, on training articles alone; the peer is what a good hand
would put together: TF-IDF of words and of character 3- to 5-grams within words, LinearSVC. Both learn from training
and development articles together; the test articles are looked at once. 10kGNAD is judged in five folds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402
from sklearn.model_selection import StratifiedKFold  # noqa: E402
from sklearn.pipeline import make_pipeline, make_union  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402

from pipeline.common.article import Article  # noqa: E402
from pipeline.common.config import TaggerSettings  # noqa: E402
from pipeline.corpora import masakhanews  # noqa: E402
from pipeline.features.compiled.batch import encode  # noqa: E402
from pipeline.features.language.people import people_words  # noqa: E402
from pipeline.features.language.reading import parted  # noqa: E402
from pipeline.features.language.terms import LanguageTerms  # noqa: E402
from pipeline.training.examples import Examples, Run  # noqa: E402
from pipeline.training.fit_topics import fit_tagger  # noqa: E402

LANGUAGES = {
    "ibo": "ig", "lin": "ln", "lug": "lg", "orm": "om", "pcm": "pcm", "run": "rn", "sna": "sn", "som": "so",
    "xho": "xh", "yor": "yo",
}  # fmt: skip
RESULTS = ROOT / "benchmarks" / "results" / "languages.json"


@dataclass(frozen=True, slots=True)
class Texts:
    """Articles of one label each."""

    articles: Sequence[tuple[str, str]]
    labels: Sequence[str]


def ours(language: str, train: Texts, test: Texts) -> tuple[list[str], str]:
    """Labels of the test articles, and the terms that were chosen."""
    docs = encode([parted(language, *article) for article in train.articles])
    others = encode([parted(language, *article) for article in test.articles], docs.lexicon)
    known = sorted(set(train.labels))
    run = Run(seed=42, jobs=2, language=language)
    examples = Examples(docs, [[label] for label in train.labels])
    fitted = fit_tagger(examples, known, {}, TaggerSettings(), run, people_words(language))
    features = fitted.tagger.features
    assert isinstance(features, LanguageTerms)
    best = fitted.tagger.probabilities(others).argmax(axis=1)
    pieces = f" and pieces {features.pieces[0]}-{features.pieces[1]}" if any(features.pieces) else ""
    told = ("stems" if features.stems else "words") + pieces
    return [known[column] for column in best], told


def peer(train: Texts, test: Texts) -> list[str]:
    """Labels of the test articles by scikit-learn."""
    words = TfidfVectorizer(sublinear_tf=True, min_df=2)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    model = make_pipeline(make_union(words, pieces), LinearSVC())
    model.fit([f"{title}\n{text}" for title, text in train.articles], train.labels)
    return list(model.predict([f"{title}\n{text}" for title, text in test.articles]))


def masakha(folder: Path) -> Iterator[tuple[str, str, Texts, Texts]]:
    """Each language's name and code, training and development articles, and test articles."""
    for name, code in LANGUAGES.items():
        read = masakhanews.read(masakhanews.Options(subset=name, path=str(folder)), folder)
        rows = [row for row in read if isinstance(row, Article)]
        parts = [[row for row in rows if (row.split == "test") == last] for last in (False, True)]
        train, test = map(_texts, parts)
        yield name, code, train, test


def _texts(rows: Sequence[Article]) -> Texts:
    return Texts([(row.title, row.text) for row in rows], [(row.topics or [""])[0] for row in rows])


def judge(language: str, train: Texts, test: Texts) -> dict[str, object]:
    """Weighted F1 of both on one test set."""
    given, told = ours(language, train, test)
    figures = {"ours": f1_score(test.labels, given, average="weighted")}
    figures["peer"] = f1_score(test.labels, peer(train, test), average="weighted")
    return {"terms": told, "train": len(train.labels), "test": len(test.labels), **figures}


def german(path: Path) -> dict[str, object]:
    """Weighted F1 of both on 10kGNAD, the mean of five folds."""
    rows = [line.rstrip("\n").split(";", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    labels, texts = [label for label, _ in rows], [("", text.strip("'")) for _, text in rows]
    folds = StratifiedKFold(5, shuffle=True, random_state=42).split(texts, labels)
    found = []
    for fold in folds:
        train, test = (Texts([texts[at] for at in part], [labels[at] for at in part]) for part in fold)
        found.append(judge("de", train, test))
    terms = ", ".join(sorted({str(one["terms"]) for one in found}))
    figures = {name: mean(float(str(one[name])) for one in found) for name in ("ours", "peer")}
    return {"terms": terms, "train": found[0]["train"], "test": len(rows), **figures}


def main() -> None:
    """Measure what is there, print a line each, and keep the figures in benchmarks/results/languages.json."""
    parser = argparse.ArgumentParser(description="Measure MasakhaNEWS and 10kGNAD.")
    parser.add_argument("--masakhanews", type=Path, help="folder with the TSV files")
    parser.add_argument("--gnad", type=Path, help="test.csv of 10kGNAD")
    given = parser.parse_args()
    found = {}
    if given.masakhanews:
        for name, code, train, test in masakha(given.masakhanews):
            found[name] = judge(code, train, test)
            print(name, json.dumps(found[name]), flush=True)
    if given.gnad:
        found["10kGNAD (de)"] = german(given.gnad)
        print("10kGNAD", json.dumps(found["10kGNAD (de)"]), flush=True)
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    found = {**before, **found}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
