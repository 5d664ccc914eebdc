"""Kill the commands at random moments, 200 times in all, and look after each kill whether anything is broken.

`python benchmarks/torture.py --rounds 20` kills less often, `--seconds 300` stops after five minutes. Each command is a
real process in a project of its own with a small part of a real corpus; what dies is its process group, it alone, or a
worker of it. All the while another process opens the model and tags with it. Exits with 1 when anything failed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
if TYPE_CHECKING:
    from benchmarks.torture_commands import Victim
    from benchmarks.torture_project import Project

SHARES = {"prepare": 50, "train": 24, "evaluate": 46, "predict": 50, "promote": 30}
KINDS = ("group", "alone", "worker")
_TRIES = 5  # moments that are drawn until one lies before the end of a run


@dataclass(slots=True)
class Outcome:
    """What became of a command: seconds of an undisturbed run, kills by kind, and what was found broken."""

    seconds: float
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    failures: list[str] = field(default_factory=list)


def main() -> None:
    sys.path.insert(0, str(ROOT))  # started by its path, the script doesn't see the packages beside its folder
    from benchmarks import report
    from benchmarks.torture_commands import commands
    from benchmarks.torture_project import Project

    given = _arguments()
    started = time.monotonic()
    with Project(given.work) as project:
        outcomes = {}
        for victim in commands(project):
            if given.only and victim.name not in given.only:
                continue
            count = round(SHARES[victim.name] * given.rounds / sum(SHARES.values()))
            latest = started + given.seconds
            outcomes[victim.name] = _torture(project, victim, count, latest, random.Random(given.seed))
        readings = project.readings()
    rows = {name: {"seconds": out.seconds, **out.kills, "failures": out.failures} for name, out in outcomes.items()}
    earlier = report.load("torture") if given.only else {}
    found = {
        "commands": {**earlier.get("commands", {}), **rows},
        "readings": earlier.get("readings", 0) + readings,
        "wall": earlier.get("wall", 0) + time.monotonic() - started,
    }
    report.save("torture", {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "machine": report.machine(), **found})
    report.write()
    print(report.torture_table(found))
    failures = [f"{name}: {failure}" for name, out in outcomes.items() for failure in out.failures]
    print("\n".join(failures) or f"nothing broken; {readings:,} readings of the model meanwhile, all good")
    sys.exit(1 if failures else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill the commands at random moments and look what breaks.")
    parser.add_argument("--rounds", type=int, default=sum(SHARES.values()), help="kills in all")
    parser.add_argument("--seconds", type=float, default=1800, help="no kill after so many seconds")
    parser.add_argument("--only", nargs="*", choices=SHARES, metavar="NAME", help=f"some of {', '.join(SHARES)}")
    parser.add_argument("--seed", type=int, default=7, help="of the moments")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "cache" / "torture", help="where it is done")
    return parser.parse_args()


def _torture(project: Project, victim: Victim, count: int, latest: float, dice: random.Random) -> Outcome:
    """Kill a command so many times, or until the time is over."""
    outcome = Outcome(victim.measure())
    for number in range(count):
        if time.monotonic() > latest:
            break
        victim.number = number
        kind, complaints = _kill(victim, KINDS[number % len(KINDS)], outcome.seconds, dice)
        if not kind:
            continue
        outcome.kills[kind] += 1
        failures = project.problems() + victim.problems() + complaints
        failures += victim.again() + project.problems() + project.leftovers()
        outcome.failures += [f"round {number}, {kind} killed: {failure}" for failure in failures]
        print(f"{victim.name} {number + 1} of {count}: {kind} killed, {failures or 'good'}", file=sys.stderr)
    return outcome


def _kill(victim: Victim, kind: str, seconds: float, dice: random.Random) -> tuple[str, list[str]]:
    """Start the command and kill: which kind of kill it was, empty when the command was always faster, and whether it
    took the death of a worker without a traceback."""
    for _ in range(_TRIES):
        run = victim.start()
        time.sleep(dice.uniform(0, seconds))
        if killed := run.kill(kind, dice):
            return killed, [f"a traceback: {run.errors}"] if "Traceback" in run.errors else []
    return "", []


if __name__ == "__main__":
    main()
