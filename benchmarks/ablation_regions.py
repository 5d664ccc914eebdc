"""What each part of the region tagger is worth: nested cross-validation and transfer, one part left out at a time.

python -m benchmarks.ablation_regions --raw data/raw --tasks "cv .*" --variants all
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from pipeline.common.article import Article
from pipeline.common.config import RegionSettings
from pipeline.common.label_tree import indicator
from pipeline.corpora import corpus
from pipeline.evaluation.reliability import expected_calibration_error
from pipeline.features.compiled.batch import Batch, encode
from pipeline.prediction import region_tagger
from pipeline.preparation.near_duplicates import groups, similar_pairs
from pipeline.training import fit_regions
from pipeline.training.examples import Examples, Run
from pipeline.training.folds import assign_folds

FOLDS, SEED, RESAMPLES, ALIKE = 5, 42, 200, 0.5
TABLES = ("countries.csv", "places.csv", "divisions.csv", "cities.csv")
# Variant: features left out (by name), tables left out, settings changed.
VARIANTS: dict[str, tuple[str, tuple[str, ...], dict[str, object]]] = {
    "all": ("", (), {}),
    "without text scores": ("", (), {"text_min_articles": 10**9}),
    "without words beside names": ("word |Capital ", (), {}),
    "without weights of single names": ("name ", (), {}),
    "without the label's own weight": ("label=|text of ", (), {}),
    "without rank and share": ("rank=|order=|share|ratio|gap", (), {}),
    "without positions": ("(count|has|share) |first|early|late", (), {}),
    "without places.csv": ("", ("places.csv",), {}),
    "without cities and divisions": ("", ("cities.csv", "divisions.csv"), {}),
    "countries.csv alone": ("", TABLES[1:], {}),
    "ranker C = 0.1": ("", (), {"penalty": 0.1}),
    "ranker C = 1": ("", (), {"penalty": 1.0}),
}


def articles(raw: Path) -> list[Article]:
    """The labelled articles of the default corpus, News Articles first."""
    found: list[Article] = []
    for name in ("newsarticles", "bbcnews"):
        module = corpus(name)
        options = module.Options()
        found += [item for item in module.read(options, raw) if isinstance(item, Article)]
    return found


def tasks(items: Sequence[Article], group: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, training rows and test rows: five folds of News Articles, each source held out, and the other years."""
    news = np.array([not item.date.startswith("200") and item.source != "bbcnews" for item in items])
    gold = np.array([[bool(item.regions)] for item in items])
    folds = assign_folds(gold, group.tolist(), FOLDS, SEED)
    for fold in range(FOLDS):
        test = news & (folds == fold)
        yield f"cv {fold}", _apart(~test, test, group), np.flatnonzero(test)
    for source in sorted({item.source for item in items}):
        test = np.array([item.source == source for item in items])
        yield source, _apart(~test, test, group), np.flatnonzero(test)
    yield "other years", np.flatnonzero(~news), np.flatnonzero(news)


def _apart(train: np.ndarray, test: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.flatnonzero(train & ~np.isin(group, group[test]))


def gazetteer_without(folder: Path, tables: Sequence[str], target: Path) -> Path:
    """A copy of the gazetteer in which `tables` have a header and no row."""
    for table in TABLES:
        shutil.copy(folder / table, target)
        if table in tables:
            header = (target / table).read_text("utf-8").splitlines()[0]
            (target / table).write_text(header + "\n", "utf-8")
    return target


def run(items: Sequence[Article], variant: str, wanted: re.Pattern[str]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """For each wanted task the per-article counts (right, given, true) and (probability, truth) of its candidates."""
    pattern, tables, changes = VARIANTS[variant]
    texts = [f"{item.title}\n{item.text}" for item in items]
    group = np.array(groups(len(texts), similar_pairs(texts, ALIKE)))
    docs = encode((item.title, item.text) for item in items)
    labels = [item.regions or [] for item in items]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = RegionSettings.model_validate(changes)
        gazetteer = gazetteer_without(settings.gazetteer, tables, Path(folder))
        settings = settings.model_copy(update={"gazetteer": gazetteer})
        for name, train, test in tasks(items, group):
            if wanted.fullmatch(name):
                given = Examples(docs[train], [labels[row] for row in train], group[train].tolist())
                tagger = fit_regions.fit_regions(given, settings, Run(SEED), without=pattern).tagger
                found[name] = judge(tagger, docs[test], [labels[row] for row in test])
                print(f"{variant}: {name}: {f1(found[name][0]):.4f}", flush=True)
    return found


def judge(
    tagger: region_tagger.RegionTagger, docs: Batch, labels: Sequence[Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Counts (n, 3) of right, given and true tags, and (probability, truth) (pairs, 2) of all pairs."""
    stated = tagger.probabilities(docs)
    given, gold = tagger.decide(stated), indicator(labels, tagger.labels, {})
    truth = np.array([len(set(of_one)) for of_one in labels])
    counts = np.column_stack([(given & gold).sum(axis=1), given.sum(axis=1), truth])
    candidates = stated > 0
    return counts, np.column_stack([stated[candidates], gold[candidates]])


def f1(counts: np.ndarray) -> float:
    """Micro-averaged F1 of counts (n, 3)."""
    right, given, true = counts.sum(axis=0)
    return float(2 * right / max(given + true, 1))


def row(name: str, results: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """One line of the table: micro-F1 with its bootstrap standard error over articles, calibration error, articles."""
    counts = np.concatenate([counts for counts, _ in results])
    stated = np.concatenate([stated for _, stated in results])
    draws = np.random.default_rng(SEED).integers(len(counts), size=(RESAMPLES, len(counts)))
    error = np.std([f1(counts[draw]) for draw in draws])
    calibration = expected_calibration_error(stated[:, 1], stated[:, 0])
    return f"| {name} | {f1(counts):.4f} +- {error:.4f} | {calibration:.4f} | {len(counts)} |"


def main() -> None:
    """Run the chosen variants on the chosen tasks and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=Path("data/raw"), help="folder with the corpora's files")
    parser.add_argument("--tasks", default="cv .*", help="pattern of task names: cv 0 to 4, a source, other years")
    parser.add_argument("--variants", default=".*", help="pattern of variant names")
    parser.add_argument("--each", action="store_true", help="a line for each task")
    chosen = parser.parse_args()
    items = articles(chosen.raw)
    lines = ["| variant | micro-F1 | ECE | articles |", "|---|---|---|---|"]
    for variant in VARIANTS:
        if re.fullmatch(chosen.variants, variant):
            found = run(items, variant, re.compile(chosen.tasks))
            lines += [row(f"{variant}: {name}", [result]) for name, result in found.items() if chosen.each]
            lines.append(row(variant, list(found.values())))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
