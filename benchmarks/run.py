"""Measure, and write BENCHMARKS.md: scores beside peers and papers, speed, preparation at scale.

Each measurement leaves benchmarks/results/<name>.json; BENCHMARKS.md is made of all of them, so that a part can be
measured again alone: `python benchmarks/run.py --only r90 speed`.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sys.path.insert(0, str(ROOT))  # started by its path, the script doesn't see the packages beside its folder
    from benchmarks import report
    from benchmarks.corpora import CORPORA
    from benchmarks.workspace import workspace

    given = _arguments([corpus.name for corpus in CORPORA])
    folder = workspace(given.work)
    for name in given.only or given.names:
        print(f"{name}:", file=sys.stderr)
        found = _measured(name, folder, given)
        report.save(name, {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "machine": report.machine(), **found})
        report.write()
    report.write()


def _arguments(corpora: list[str]) -> argparse.Namespace:
    names = [*corpora, "speed", "waiting", "scale", "sizes", "tokenisers"]
    parser = argparse.ArgumentParser(description="Measure, and write BENCHMARKS.md.")
    parser.add_argument(
        "--only",
        nargs="*",
        choices=[*names, "growth"],
        metavar="NAME",
        help=f"some of {', '.join(names)}; growth (two hours) only when named",
    )
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="run other tools as well")
    parser.add_argument("--reuters", default=os.environ.get("DATELINE_REUTERS", ""), help="reuters21578.tar.gz on disk")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "cache" / "benchmarks", help="where it is done")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the preparation at scale")
    parser.add_argument("--sizes", type=int, nargs="+", help="articles of growth, of which others measured before stay")
    return parser.parse_args(namespace=argparse.Namespace(names=names))


def _measured(name: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import growth, report, scale, sizes, speed, tables, tokenisers, waiting
    from benchmarks.corpora import CORPORA

    if name == "scale":
        return scale.measure(folder, given.rows)
    if name == "growth":
        kept = report.load(name)
        peer = growth.measure_peer(folder, given.reuters) if given.peers else kept.get("peer", {})
        found = growth.measure(folder, given.reuters, tuple(given.sizes or growth.SIZES))
        return {"sizes": {**kept.get("sizes", {}), **found}, "peer": peer}
    if name == "waiting":
        return waiting.measure(folder)
    if name == "sizes":
        return {"variants": sizes.measure(folder)}
    if name == "tokenisers":
        corpus = next(corpus for corpus in CORPORA if corpus.name == "r90")
        tables.prepared(corpus, folder, given.reuters)
        return {"ways": tokenisers.measure(folder / "data" / "prepared" / "reuters21578-topics")}
    if name == "speed":
        return speed.measure(folder, given.peers, given.reuters, report.load(name))
    corpus = next(corpus for corpus in CORPORA if corpus.name == name)
    return tables.measure(corpus, folder, given.peers, given.reuters, report.load(name))


if __name__ == "__main__":
    main()
