"""The table of the default corpus's nested figures, made of `benchmarks/results/nested.json`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Found = Mapping[str, Mapping[str, float]]
FOLDS, SOURCES = "News Articles, 5 folds", "one source held out"
_NAMES = {"topics": "Topics, parents included", "regions": "Countries"}
_SAID = (
    "`python -m benchmarks.nested`: News Articles by cross-validation, one of its sources held out, and trained on the "
    "other years alone (BBC News and Worldwire). Thresholds and calibration are chosen inside each training part; "
    "BBC News and Worldwire are always trained on and never judged. Standard errors by bootstrap, of the mean "
    "of the folds over the folds; the means of sources are weighted by articles. The expected micro-F1 is what "
    "`monitor` says without seeing a label."
)


def section(found: Mapping[str, Found]) -> str:
    """A table of each task."""
    if not found:
        return ""
    tables = [f"### {_NAMES[task]}\n\n{table(values).rstrip()}" for task, values in found.items()]
    return "\n\n".join(["## The default corpus, nested", _SAID, *tables]).rstrip()


def table(found: Found) -> str:
    """One row for the folds, for each source, for their mean, and for the other years."""
    folds = [row for name, row in found.items() if name.startswith("fold")]
    sources = {name: row for name, row in found.items() if "." in name}
    rows = {f"**{FOLDS}**": _mean(folds), **sources, f"**{SOURCES}**": _mean([*sources.values()])}
    rows |= {name: row for name, row in found.items() if name not in sources and not name.startswith("fold")}
    lines = [
        "| scored | articles | micro-F1 | macro-F1 | calibration error | expected micro-F1 |",
        f"|---|{'---:|' * 5}",
    ]
    return "\n".join([*lines, *(_line(name, row) for name, row in rows.items() if row)]) + "\n"


def _mean(rows: list[Mapping[str, float]]) -> dict[str, float]:
    """The mean by articles, and its standard error over the rows."""
    if not rows:
        return {}
    weights = [row["documents"] for row in rows]
    found = {name: float(np.average([row[name] for row in rows], weights=weights)) for name in rows[0]}
    error = float(np.std([row["micro_f1"] for row in rows], ddof=1) / np.sqrt(len(rows)))
    return found | {"documents": sum(weights), "standard_error": error}


def _line(name: str, row: Mapping[str, float]) -> str:
    micro = f"{100 * row['micro_f1']:.1f} ± {100 * row['standard_error']:.1f}"
    others = (f"{100 * row[key]:.1f}" for key in ("macro_f1", "expected_calibration_error", "expected_f1"))
    return f"| {name} | {int(row['documents']):,} | {micro} | {' | '.join(others)} |"
