"""What `evaluate` tells of people who labelled the same articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.common.article import TOPICS
from pipeline.common.label_tree import closed
from pipeline.common.text import plain
from pipeline.evaluation.agreement import agreement, agreement_by_label
from pipeline.prediction.predictor import Predictor
from pipeline.rows.feedback import TASKS, article_of, is_said
from pipeline.rows.reader import iter_files, read_rows

_NAME, _SHOWN = 24, 40
Opinions = dict[str, dict[str, dict[str, Any]]]


def agreements(file: Path, predictor: Predictor) -> dict[str, Any]:
    """For each task the agreement of people and that on each label; empty when no article was labelled by two."""
    opinions = _opinions(file)
    found = {}
    for task in TASKS:
        said = [_sets(people, task, predictor) for people in opinions.values()]
        both = [people for people in said if len(people) > 1]
        if both:
            labels = agreement_by_label(both)
            names = {key: predictor.label_name(task, key) for key in labels}
            rows = [{"label": key, "name": names[key], **asdict(one)} for key, one in labels.items()]
            people = sorted({who for each in both for who in each})
            found[task] = {"people": people, **asdict(agreement(both)), "labels": rows}
    return found


def agreement_lines(found: Mapping[str, Any]) -> list[str]:
    """The same for a terminal."""
    lines = []
    for task, values in found.items():
        people = ", ".join(map(plain, values["people"]))
        overall = f"F1 {values['f1']:.3f}, Krippendorff's alpha {_alpha(values['alpha'])}"
        of = f"{values['articles']:,} articles labelled by two or more of {people}"
        lines += ["", f"agreement on {task}: {overall}, {of}"]
        lines.append(f"  {'label':<{_NAME}}{'somebody':>9}{'all':>8}{'F1':>10}{'alpha':>8}")
        lines += [_line(row) for row in values["labels"][:_SHOWN]]
    return lines


def _line(row: Mapping[str, Any]) -> str:
    name = plain(row["name"])
    short = name if len(name) < _NAME else name[: _NAME - 2] + "…"
    return f"  {short:<{_NAME}}{row['given']:>9,}{row['both']:>8,}{row['f1']:>10.3f}{_alpha(row['alpha']):>8}"


def _alpha(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _opinions(file: Path) -> Opinions:
    """What each person said last of each article, in a file of labels or corrections; nothing for any other file."""
    found: Opinions = {}
    for one in iter_files(file):
        for row in read_rows(one):
            if row.data is None:
                continue
            if not is_said(row.data):
                break
            found.setdefault(article_of(row.data), {})[row.data["by"]] = row.data
    return found


def _sets(people: Mapping[str, Mapping[str, Any]], task: str, predictor: Predictor) -> dict[str, frozenset[str]]:
    """The labels that each person gave, topics with those above them."""
    given = {who: list(map(str, row[task])) for who, row in people.items() if isinstance(row.get(task), list)}
    above = predictor.parent if task == TOPICS else (lambda _: "")
    return {who: frozenset(closed(labels, above)) for who, labels in given.items()}
