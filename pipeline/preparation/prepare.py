"""Corpus to splits: read, clean, validate, drop near-duplicates, split, write with a manifest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.common.article import Article, Reject
from pipeline.common.config import Config
from pipeline.common.config_file import parse_options
from pipeline.common.errors import DataError
from pipeline.common.files import folder_written_whole, sha256_of
from pipeline.common.locks import at_work
from pipeline.common.progress import Progress, Stage
from pipeline.common.project import project_file
from pipeline.common.taxonomy import Taxonomy
from pipeline.common.text import clean, clean_line
from pipeline.corpora import corpus, notice
from pipeline.corpora._downloads import Source
from pipeline.preparation import prepared_splits
from pipeline.preparation.content_hash import content_hash
from pipeline.preparation.labels import Labels
from pipeline.preparation.near_duplicates import groups as connected
from pipeline.preparation.prepared_splits import (
    SPLITS,
    read_manifest,
    write_manifest,
    write_rejects,
    write_split,
)
from pipeline.preparation.related import related
from pipeline.preparation.splitting import assign

RECIPE = 2  # raised when the same sources would be prepared differently
_ATTEMPTS = 3
RELATED = 0.5  # Jaccard similarity from which two articles stay on the same side of every split


@dataclass(slots=True)
class _Work:
    """What the steps hand on."""

    sources: list[Source]
    fingerprint: str
    articles: list[Article] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    mappings: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def prepared(config: Config, data: Path, progress: Progress) -> Iterator[Path]:
    """A snapshot of what `prepare` makes: what another run puts in its place meanwhile is not seen in this block.

    Raises DataError as `prepare` does, and when other runs prepare the same name by other settings again and again.
    """
    for _ in range(_ATTEMPTS):
        folder, fingerprint = _prepare(config, data, progress, False)
        with prepared_splits.snapshot(folder) as copy:
            if _is_of(copy, fingerprint):
                yield copy
                if copy == folder and not _is_of(folder, fingerprint):
                    break
                return
    raise DataError(f"{folder} was prepared anew by another run meanwhile: wait until that is done, and run it again")


def prepare(config: Config, data: Path, progress: Progress, force: bool = False) -> Path:
    """The folder `data/prepared/<name>`, made when it is missing or its sources or settings have changed.

    Raises DataError when the corpus can't be fetched or used, or when another process is at work on the folder.
    """
    return _prepare(config, data, progress, force)[0]


def _prepare(config: Config, data: Path, progress: Progress, force: bool) -> tuple[Path, str]:
    folder = data / "prepared" / config.name
    with progress.stage("fetch"):
        sources = _fetch(config, data / "raw")
    work = _Work(sources, _fingerprint(config, sources))
    if force or not _is_current(folder, work.fingerprint):
        with at_work(folder):
            _make(folder, config, work, data / "raw", progress)
    return folder, work.fingerprint


def _make(folder: Path, config: Config, work: _Work, raw: Path, progress: Progress) -> None:
    _read(work, config, raw, progress)
    with progress.stage("clean and validate", len(work.articles)) as stage:
        _clean(work, config, stage)
    _check_rejects(work, config)
    with progress.stage("near-duplicates", len(work.articles)) as stage:
        _deduplicate(work, config, stage)
    with progress.stage("split and write", len(work.articles)) as stage:
        splits = assign(work.articles, work.groups, config.prepare, config.seed, _train_only(config))
        _write(folder, config, work, splits, stage)


def load_taxonomy(config: Config, manifest: Mapping[str, Any] | None = None) -> Taxonomy:
    """The vocabularies that a configuration names, and the levels of a manifest's labels such as `Sport/Football`."""
    taxonomy = Taxonomy.load(config.vocabulary, config.countries)
    signs = [str(settings.options["hierarchy"]) for settings in config.corpora if settings.options.get("hierarchy")]
    if not manifest or not signs or config.vocabulary:
        return taxonomy
    return taxonomy.with_levels([topic for split in manifest["splits"].values() for topic in split["topics"]], signs[0])


def _train_only(config: Config) -> set[str]:
    named = zip(config.corpora, config.corpus_names, strict=True)
    return {name for settings, name in named if settings.train_only}


def _fetch(config: Config, raw: Path) -> list[Source]:
    found = []
    for settings in config.corpora:
        module = corpus(settings.corpus)
        found += module.fetch(_options(config, settings.corpus, settings.options), raw)
    named = (config.vocabulary, config.countries, config.region_codes)
    vocabulary = [project_file(path) for path in named if path]
    return found + [Source(path, sha256_of(path)) for path in vocabulary if path.is_file()]


def _options(config: Config, name: str, options: dict[str, Any]) -> Any:
    return parse_options(corpus(name).Options, options, f"{config.name}: corpora: {name}")


def _fingerprint(config: Config, sources: Sequence[Source]) -> str:
    settings = config.resolved()
    relevant = {key: settings[key] for key in ("vocabulary", "region_codes", "seed", "prepare")}
    relevant["corpora"] = [(one.corpus, one.train_only, one.options) for one in config.corpora]
    files = [(source.path.name, source.sha256) for source in sources]
    text = json.dumps([RECIPE, relevant, files], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_current(folder: Path, fingerprint: str) -> bool:
    manifest = read_manifest(folder)
    if not manifest or manifest["fingerprint"] != fingerprint:
        return False
    files = [(folder / f"{split}.parquet", manifest["splits"][split]["sha256"]) for split in SPLITS]
    return all(path.is_file() and sha256_of(path) == digest for path, digest in files)


def _is_of(folder: Path, fingerprint: str) -> bool:
    return (read_manifest(folder) or {}).get("fingerprint") == fingerprint


def _read(work: _Work, config: Config, raw: Path, progress: Progress) -> None:
    for settings, name in zip(config.corpora, config.corpus_names, strict=True):
        with progress.stage(f"read {name}") as stage:
            reader = corpus(settings.corpus).read(_options(config, settings.corpus, settings.options), raw)
            for item in stage.over(reader):
                if isinstance(item, Article):
                    item.corpus = name
                    work.articles.append(item)
                else:
                    work.rejects.append(item)
            for note, count in getattr(reader, "notes", {}).items():
                work.notes[note] = _sum(work.notes[note], count) if note in work.notes else count
    work.counts["read"] = len(work.articles) + len(work.rejects)
    work.counts["unreadable"] = len(work.rejects)


def _sum(one: Any, other: Any) -> Any:
    """Two corpora's counts of the same thing, or of several things by name."""
    return dict(Counter(one) + Counter(other)) if isinstance(one, dict) else one + other


def _clean(work: _Work, config: Config, stage: Stage) -> None:
    """Clean the texts, settle the labels, and drop articles without either."""
    settle = Labels(config, load_taxonomy(config))
    kept: list[Article] = []
    seen: set[str] = set()
    for article in stage.over(work.articles):
        article.title, article.text = clean_line(article.title), clean(article.text)
        reason = _invalid(article, config, seen) or settle.settle(article)
        if reason:
            work.rejects.append(Reject(article.where, reason, article.id))
        else:
            seen.add(article.id)
            kept.append(article)
    work.counts["invalid"] = len(work.articles) - len(kept)
    work.articles = kept
    work.notes |= settle.notes()
    work.remarks += settle.remarks()


def _invalid(article: Article, config: Config, seen: set[str]) -> str:
    """Why the article can't be used; empty when it can."""
    if article.id in seen:
        return f"the id '{article.id}' stands twice"
    if len(article.title) + len(article.text) < config.prepare.min_characters:
        return f"the text has fewer than {config.prepare.min_characters} characters"
    return ""


def _check_rejects(work: _Work, config: Config) -> None:
    if not work.articles or len(work.rejects) > config.prepare.max_rejected * work.counts["read"]:
        reasons = Counter(reject.reason for reject in work.rejects).most_common(3)
        worst = "; ".join(f"{count} x {reason}" for reason, count in reasons) or "the corpus is empty"
        first = f", first at {work.rejects[0].where}" if work.rejects else ""
        raise DataError(f"{len(work.rejects)} of {work.counts['read']} rows can't be used: {worst}{first}")


def _deduplicate(work: _Work, config: Config, stage: Stage) -> None:
    """Drop near-duplicates, keeping the earliest that may be judged on, and name the group of each article left."""
    threshold, last = config.prepare.near_duplicates, _train_only(config)
    work.articles.sort(key=lambda article: (article.corpus in last, article.date or "9999"))
    pairs = related(work.articles, min(RELATED, threshold or RELATED), stage)
    dropped: dict[int, tuple[int, float]] = {}
    for one, other, similarity in pairs:
        if threshold and similarity >= threshold and one not in dropped:
            dropped.setdefault(other, (one, similarity))
    names = connected(len(work.articles), pairs)
    for position, (kept, similarity) in sorted(dropped.items()):
        article = work.articles[position]
        reason = f"near-duplicate of {work.articles[kept].id} (Jaccard {similarity:.2f})"
        work.rejects.append(Reject(article.where, reason, article.id))
    work.counts["near_duplicates"] = len(dropped)
    work.counts["undated"] = sum(not article.date for article in work.articles)
    left = [position for position in range(len(work.articles)) if position not in dropped]
    work.articles = [work.articles[position] for position in left]
    work.groups = [names[position] for position in left]


def _write(folder: Path, config: Config, work: _Work, splits: Sequence[str], stage: Stage) -> None:
    with folder_written_whole(folder) as temporary:
        described = {}
        for split in SPLITS:
            rows = [position for position, name in enumerate(splits) if name == split]
            articles = [work.articles[position] for position in rows]
            path = temporary / f"{split}.parquet"
            write_split(stage.over(articles), [work.groups[position] for position in rows], path)
            described[split] = _describe(articles, path)
        write_rejects(temporary, work.rejects)
        write_manifest(temporary, _manifest(config, work, described))


def _describe(articles: list[Article], path: Path) -> dict[str, Any]:
    return {
        "documents": len(articles),
        "sha256": sha256_of(path),
        "content_sha256": content_hash(articles),
        "sources": _counted(article.source for article in articles),
        "topics": _counted(key for article in articles for key in article.topics or ()),
        "regions": _counted(code for article in articles for code in article.regions or ()),
    }


def _counted(values: Any) -> dict[str, int]:
    counts = Counter(values)
    return {value: counts[value] for value in sorted(counts, key=lambda value: (-counts[value], value))}


def _manifest(config: Config, work: _Work, described: dict[str, Any]) -> dict[str, Any]:
    digests = "".join(described[split]["content_sha256"] for split in SPLITS)
    return {
        "name": config.name,
        "description": config.description,
        "fingerprint": work.fingerprint,
        "content_sha256": hashlib.sha256(digests.encode()).hexdigest(),
        "seed": config.seed,
        "split": config.prepare.split,
        "sources": [{"file": source.path.name, "sha256": source.sha256} for source in work.sources],
        "counts": {**work.counts, "kept": len(work.articles)},
        "splits": described,
        "notes": work.notes,
        "remarks": work.remarks,
        "rows": work.mappings,
        "notices": {one.corpus: text for one in config.corpora if (text := notice(one.corpus))},
    }
