"""The table of what a user waits for, beside the goals."""

from __future__ import annotations

from typing import Any

from benchmarks.waiting import FEW


def rows(found: dict[str, Any]) -> tuple[str, list[list[str]]]:
    """What was measured, in words, and the rows: what, how long, and the goal."""
    said = (
        f"Bulk tagging of {found['rows']:,} real articles ({found['megabytes']:.0f} MB of JSON Lines), in CPU of the "
        "whole process; a new machine has compiled nothing; training prepares, trains, reports and logs without any "
        "cache. The service answers texts of 300 letters over eight connections, one worker; beside it is a minimal "
        "FastAPI service whose machines are stacked into one matrix."
    )
    bulk, alone = found["bulk_cpu"], found["alone_cpu"]
    return said, [
        [
            "`predict --input`",
            f"{bulk:.1f} s CPU, the predictor alone {alone:.1f} s: {100 * alone / bulk:.0f} %",
            "80 %",
        ],
        ["of which its start", f"{found['start_cpu']:.1f} s CPU", ""],
        ["`predict --input --jobs 2`", f"{found['bulk_wall'] / found['two_jobs_wall']:.1f} times as fast", "1.8 times"],
        [f"the first such run on a new machine, {FEW:,} articles", _first(found), "3 s, or none"],
        ["`make train` after the installation, which compiles", _took(found, "train"), "35 s"],
        ["of the installation, compiling", f"{found['installation_cpu']:.1f} s CPU", ""],
        ["a training of 160 articles", _took(found, "small"), "10 s"],
        ["the service, one worker", _served(found["service"]), "3 times, at half the p99"],
    ]


def _took(found: dict[str, Any], name: str) -> str:
    return f"{found[f'{name}_wall']:.1f} s ({found[f'{name}_cpu']:.1f} s CPU)"


def _first(found: dict[str, Any]) -> str:
    longer, compiling = found["compiling_wall"], found["compiling_cpu"]
    return f"{longer:.1f} s longer than later ones ({compiling:.1f} s CPU of compiling, beside it)"


def _served(found: dict[str, Any]) -> str:
    ours, theirs = found["dateline, 1 worker, 8"], found["FastAPI, stacked weights, 8"]
    times = ours["requests/s"] / theirs["requests/s"]
    return f"{ours['requests/s']:,.0f} requests/s, {times:.1f} times; p99 {ours['p99']:.1f} and {theirs['p99']:.1f} ms"
