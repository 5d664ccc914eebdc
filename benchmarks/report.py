"""BENCHMARKS.md from the results of the measurements, all that there are."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import language_tables, nested_table, waiting_table
from benchmarks.corpora import CORPORA, Corpus
from benchmarks.method import METHOD
from benchmarks.workspace import ROOT
from pipeline.common.files import write_json, write_text

RESULTS = Path(__file__).parent / "results"
_HEAD = """# Benchmarks

`make benchmark` measures all of this and writes this file; `python benchmarks/run.py --only r90 speed` measures a part
anew and leaves the rest. Each section says when it was measured.

"""


def save(name: str, found: dict[str, Any]) -> None:
    """Keep a measurement."""
    RESULTS.mkdir(exist_ok=True)
    write_json(RESULTS / f"{name}.json", found)


def load(name: str) -> dict[str, Any]:
    """A measurement kept; empty when there is none."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def machine() -> str:
    """What the measurements ran on."""
    load = os.getloadavg()[1]
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, load {load:.1f}"


def write() -> None:
    """Write BENCHMARKS.md; pages `results/*.md`, such as tables of ablations, are put at its end as they are."""
    sections = [
        _summary(),
        *map(_corpus, CORPORA),
        nested_table.section(load("nested")),
        _waiting(),
        _speed(),
        _tokenisers(),
        language_tables.section(),
        _sizes(),
        _scale(),
        _growth(),
        _torture(),
        _fuzz(),
        METHOD,
    ]
    sections += [path.read_text(encoding="utf-8") for path in sorted(RESULTS.glob("*.md"))]
    write_text(ROOT / "BENCHMARKS.md", _HEAD + "\n".join(section for section in sections if section))


def _summary() -> str:
    rows = []
    for corpus in CORPORA:
        if found := load(corpus.name):
            measure = "accuracy" if corpus.single else "micro_f1"
            peers = [(row[measure], row["tool"].partition(",")[0]) for row in found["peers"]]
            papers = [(figure.score, figure.method) for figure in corpus.published]
            best, paper = max(peers, default=None), max(papers, default=None)
            name = "accuracy" if corpus.single else "micro-F1"
            cells = [corpus.title, name, f"**{_per_cent(found['rows'][0], measure)}**"]
            cells += [
                f"{100 * best[0]:.1f} ({best[1]})" if best else "",
                f"{paper[0]:.1f} ({paper[1]})" if paper else "",
            ]
            rows.append(cells)
    return _table(["corpus", "measure", "Dateline", "best peer", "best published"], rows) if rows else ""


def _corpus(corpus: Corpus) -> str:
    found = load(corpus.name)
    if not found:
        return ""
    counts = found["documents"]
    said = (
        f"`configs/{corpus.config}.yaml`: {counts['train']:,} training and {counts['test']:,} test documents, "
        f"{found['labels']} labels. {_measured(found)}"
    )
    heads = [*(["accuracy"] if corpus.single else ["micro-F1"]), "macro-F1", "training CPU s", "wall s", "model MB"]
    rows = [_tool(row, corpus.single) for row in found["rows"] + found["peers"]]
    rows += [
        [f"{figure.method} ({figure.paper})", f"{figure.score:.1f}", "", "", "", ""] for figure in corpus.published
    ]
    return f"## {corpus.title}\n\n{said}\n\n{_table(['', *heads], rows)}"


def _tool(row: dict[str, Any], single: bool) -> list[str]:
    scores = [_per_cent(row, "accuracy" if single else "micro_f1"), _per_cent(row, "macro_f1")]
    return [row["tool"], *scores, f"{row['train_cpu']:.1f}", f"{row['train_wall']:.1f}", f"{row['model_mb']:.1f}"]


def _waiting() -> str:
    found = load("waiting")
    said, rows = waiting_table.rows(found) if found else ("", [])
    return f"## What a user waits for\n\n{said} {_measured(found)}\n\n{_table(['', *_GOALS], rows)}" if found else ""


_GOALS = ("measured", "goal")


def _speed() -> str:
    found = load("speed")
    if not found:
        return ""
    ours, peer = found["dateline"], found["peer"]
    rows = [
        ["Dateline", *(_number(ours, name) for name in _SPEEDS)],
        ["scikit-learn, two pipelines", *(_number(peer, name) for name in _SPEEDS)],
    ]
    said = (
        f"The default model, both tasks. Throughput is from title and text to tags on the {ours['documents']:,} "
        f"documents ({ours['megabytes']:.1f} MB) of the Reuters R90 test split, one core, model loaded, in processor "
        f"seconds, the median of five rounds; on the same core `str.split` alone does "
        f"{ours['split_mb_per_second']:.0f} MB/s and lower-casing with a findall of `[a-z0-9]+` "
        f"{ours['findall_mb_per_second']:.0f}. Cold start is the user and system time of a whole process that tags "
        f"one article, the median of seven; that of `--help` is {ours['help_cpu']:.2f} s. "
        f"Training it, from prepared documents to predictor, evaluation and report included, takes "
        f"{ours['training_wall']:.0f} s on all cores ({ours['training_cpu']:.0f} s of CPU). "
        f"{_measured(found)}"
    )
    heads = ["", "MB/s", "articles/s", "cold start CPU s", "model MB"]
    return f"## Speed\n\n{said}\n\n{_table(heads, rows)}"


_SPEEDS = {"mb_per_second": "{:.1f}", "docs_per_second": "{:,.0f}", "cold_cpu": "{:.2f}", "model_mb": "{:.1f}"}


def _number(row: dict[str, Any], name: str) -> str:
    return _SPEEDS[name].format(row[name]) if name in row else ""


def _scale() -> str:
    found = load("scale")
    if not found:
        return ""
    said = (
        f"`prepare` of {found['rows']:,} synthetic articles ({found['megabytes']:.0f} MB of JSON Lines) made of the "
        f"sentences of BBC News, {found['planted']:,} of them near-duplicates of another with one sentence replaced; "
        f"reading, cleaning, near-duplicate search, stratified split, writing. {_measured(found)}"
    )
    rows = [
        [
            f"{found['wall']:.0f}",
            f"{found['cpu']:.0f}",
            f"{found['articles_per_second']:,.0f}",
            f"{found['peak_mb']:,.0f}",
            f"{found['together_mb']:,.0f}",
            f"{found['planted_found']:,} of {found['planted']:,}",
        ]
    ]
    heads = ["wall s", "CPU s", "articles/s", "peak MB, one process", "peak MB, all processes", "planted ones found"]
    return f"## Preparation at scale\n\n{said}\n\n{_table(heads, rows)}"


def _tokenisers() -> str:
    found = load("tokenisers")
    if not found:
        return ""
    said = (
        "From text to tokens and their numbers, one core, processor seconds, the median of five rounds on the Reuters "
        f"R90 test split. The compiled scanner knows nothing that the Python one doesn't: the tests hold both to the "
        f"same tokens. {_measured(found)}"
    )
    rows = [[row["way"], f"{row['mb_per_second']:.1f}"] for row in found["ways"]]
    return f"## Tokenisers tried\n\n{said}\n\n{_table(['', 'MB/s'], rows)}"


def _sizes() -> str:
    found = load("sizes")
    if not found:
        return ""
    said = (
        "The default model learned from its training split, micro-F1 on its validation split; float16 and terms in two "
        f"articles are what is shipped (three for the countries' text model). {_measured(found)}"
    )
    rows = [
        [row["variant"], f"{row['megabytes']:.1f}", f"{row['topics']:.4f}", f"{row['regions']:.4f}"]
        for row in found["variants"]
    ]
    return f"## Size of the predictor\n\n{said}\n\n{_table(['', 'MB', 'topics', 'countries'], rows)}"


def _growth() -> str:
    found = load("growth")
    if not found:
        return ""
    said = (
        "`train` without a cache, from JSON Lines to a logged model: preparation with near-duplicate search, five "
        "folds and a final fit of both tasks, twice (for validation, then with its articles), calibration, report. "
        "The rows are resampled from Reuters-21578 (80 topics, 60 countries, 2.4 KB each; their scores say nothing). "
        "scikit-learn's rows are one fit of TfidfVectorizer and OneVsRestClassifier(LinearSVC) a task, without folds, "
        f"calibration or anything else. {_measured(found)}"
    )
    rows = [_growth_row(f"Dateline, {int(size):,}", one) for size, one in found["sizes"].items()]
    rows += [_growth_row(f"scikit-learn, one fit, {int(size):,}", one) for size, one in found["peer"].items()]
    heads = ["articles", "wall min", "CPU min", "peak GB, one process", "peak GB, all processes", "stages, s"]
    return f"## Growth\n\n{said}\n\n{_table(heads, rows)}"


def _growth_row(name: str, found: dict[str, Any]) -> list[str]:
    stages = ", ".join(f"{stage} {took:.0f}" for stage, took in found["seconds"].items() if took >= 1)
    return [
        name,
        *(f"{found[part] / 60:.1f}" for part in ("wall", "cpu")),
        *(f"{found[part] / 1000:.1f}" for part in ("peak_mb", "together_mb")),
        stages,
    ]


def _torture() -> str:
    found = load("torture")
    if not found:
        return ""
    said = (
        "`make torture`: commands in a small project, killed with SIGKILL at moments drawn from the time they take "
        "undisturbed: the whole process group, the command alone, or one of its worker processes. After each kill the "
        "model, the splits, the manifest and the MLflow store are looked at, the command is run again and must do what "
        "it does undisturbed (bulk prediction resumes and must give the same bytes), and nothing may be left over: "
        f"files, processes, runs under way. Meanwhile another process read the model {found['readings']:,} times and "
        f"tagged with it. {_measured(found)}"
    )
    return f"## Kills\n\n{said}\n\n{torture_table(found)}"


def torture_table(found: dict[str, Any]) -> str:
    """A row a command: seconds, kills of each kind, and how many broke something."""
    rows = []
    for name, row in found["commands"].items():
        kills = [str(row[kind]) for kind in ("group", "alone", "worker")]
        rows.append([f"`{name}`", f"{row['seconds']:.1f}", *kills, str(len(row["failures"]))])
    heads = ["", "seconds undisturbed", "group killed", "command killed", "worker killed", "found broken"]
    return _table(heads, rows)


def _fuzz() -> str:
    found = load("fuzz")
    if not found:
        return ""
    said = (
        "`make fuzz MINUTES=10`: real files with damage chosen by Hypothesis, read as people's files are. A find is an "
        "input from which anything comes but articles, rejected rows or one line that says what is wrong, or which "
        "takes more than 5 seconds or 4 GB; finds are kept in `benchmarks/results/fuzz.json` and tried again. "
        f"{_measured(found)}"
    )
    rows = [
        [
            _READERS[name],
            f"{row['inputs']:,}",
            f"{row['seconds'] / 60:.0f}",
            f"{row['articles']:,}",
            str(len(row["found"])),
            str(len(row["found"]) - row["open"]),
        ]
        for name, row in found["readers"].items()
    ]
    heads = ["reader", "inputs", "minutes", "articles or files read", "bugs found", "fixed"]
    return f"## Fuzzing\n\n{said}\n\n{_table(heads, rows)}"


_READERS = {
    "sgml": "SGML of Reuters-21578",
    "mediawiki": "MediaWiki XML",
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "predictor": "predictor file",
}


def _per_cent(row: dict[str, Any], name: str) -> str:
    return f"{100 * row[name]:.1f} ± {100 * row[f'{name}_error']:.1f}"


def _measured(found: dict[str, Any]) -> str:
    return f"Measured {found['measured']} on {found['machine']}."


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
