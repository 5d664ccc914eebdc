"""The command `compare`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pipeline.commands._output import say
from pipeline.common.text import plain
from pipeline.evaluation.compare import Comparison, Difference, compare

_WIDTH = 34


def run(first: str, second: str, split: str, as_json: bool) -> None:
    """Compare two logged models on the documents of one split and print the differences with their intervals."""
    from pipeline.tracking import predictions_of

    (name, one), (other_name, other) = (predictions_of(given, Path.cwd(), split) for given in (first, second))
    found = compare(one, other)
    if as_json:
        shown = {task: asdict(comparison) for task, comparison in found.items()}
        say(json.dumps({"first": name, "second": other_name, "split": split, "tasks": shown}, indent=1))
        return
    say(f"A {name}\nB {other_name}\nB less A on the {split} split, with the 95 % interval (paired bootstrap)")
    for task, comparison in found.items():
        say("\n" + "\n".join(_lines(task, comparison)))


def _lines(task: str, comparison: Comparison) -> list[str]:
    heading = f"{task:<{_WIDTH}}{'support':>8}{'A':>8}{'B':>8}{'B - A':>9}   95 % interval"
    return [heading, *map(_line, comparison.overall), *map(_line, comparison.labels)]


def _line(found: Difference) -> str:
    name = {"micro_f1": "micro-F1", "macro_f1": "macro-F1"}.get(found.name, f"  {plain(found.name)}")
    scores = f"{found.support:>8,}{found.first:>8.3f}{found.second:>8.3f}{found.difference:>+9.3f}"
    sure = "*" if found.low > 0 or found.high < 0 else ""
    return f"{name[: _WIDTH - 1]:<{_WIDTH}}{scores}   {found.low:+.3f} to {found.high:+.3f} {sure}".rstrip()
