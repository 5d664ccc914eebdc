"""The part of BENCHMARKS.md on other languages, from what `languages`, `several_languages` and `foreign` kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.languages import LANGUAGES
from pipeline.features.language.names import language_name

RESULTS = Path(__file__).parent / "results"
_TOPICS = (
    "`python -m benchmarks.languages`: weighted F1 of topics on the published test articles of MasakhaNEWS "
    "(Adelani et al. 2023, arXiv 2304.09972), learned from training and development articles, and on 10kGNAD's "
    "test articles (Block 2019) in five folds. Words, stems or pieces of words are chosen on training articles. "
    "The peer, in the same run, is scikit-learn: TF-IDF of words and of character 3- to 5-grams, LinearSVC. The "
    "paper's best fine-tuned model reaches 92.6 on average over 16 languages, of which these are ten; its figures "
    "by language were not at hand."
)
_SEVERAL = (
    "`python -m benchmarks.several_languages`: one model of four languages of MasakhaNEWS, learned from training "
    "articles, on development articles, weighted F1. Words shared by languages count together, or, marked, apart. "
    "`language: multi` doesn't mark them."
)
_FOREIGN = (
    "`python -m benchmarks.foreign`: countries in short items of other languages, tagged by the default model, "
    "which is English: micro-F1. Both sets were written for Dateline, and names and thresholds were mended while "
    "looking at them: development figures. Before that the second set, of kinds that were not in the first, was "
    "at 67.1. All languages are named right, and nothing is marked publish."
)


def section() -> str:
    """The tables that there are figures for; empty without any."""
    parts = [_topics(_load("languages")), _several(_load("several_languages")), _foreign(_load("foreign"))]
    made = [part for part in parts if part]
    return "\n\n".join(["## Other languages", *made]) + "\n" if made else ""


def _load(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _topics(found: dict[str, Any]) -> str:
    if not found:
        return ""
    rows = [_row(language_name(code), found[name]) for name, code in LANGUAGES.items() if name in found]
    ten = [found[name] for name in LANGUAGES if name in found]
    means = [f"{100 * mean(one[who] for one in ten):.1f}" for who in ("ours", "peer")]
    rows.append([f"mean of {len(ten)}", "", "", "", *means])
    rows += [_row(name, one) for name, one in found.items() if name not in LANGUAGES]
    return f"{_TOPICS}\n\n{_table(['', 'terms', 'training', 'test', 'Dateline', 'scikit-learn'], rows)}"


def _row(name: str, one: dict[str, Any]) -> list[str]:
    return [
        name,
        one["terms"],
        f"{one['train']:,}",
        f"{one['test']:,}",
        *(f"{100 * one[who]:.1f}" for who in ("ours", "peer")),
    ]


def _several(found: dict[str, Any]) -> str:
    if not found:
        return ""
    ways = "alone", "together", "marked"
    rows = [[language_name(LANGUAGES[name]), *(f"{100 * one[way]:.1f}" for way in ways)] for name, one in found.items()]
    rows.append(["mean", *(f"{100 * mean(one[way] for one in found.values()):.1f}" for way in ways)])
    return f"{_SEVERAL}\n\n{_table(['', 'a model of each', 'one model', 'one model, marked'], rows)}"


def _foreign(found: dict[str, Any]) -> str:
    if not found:
        return ""
    sets = list(found)
    languages = list(dict.fromkeys(language for name in sets for language in found[name]))
    rows = [
        ["all" if language == "all" else language_name(language), *(_score(found[name].get(language)) for name in sets)]
        for language in languages
    ]
    heads = [f"{name} ({found[name]['all']['items']} items)" for name in sets]
    return f"{_FOREIGN}\n\n{_table(['', *heads], rows)}"


def _score(one: dict[str, Any] | None) -> str:
    return f"{100 * one['f1']:.1f}" if one else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
