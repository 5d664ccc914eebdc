"""Training again from what a run page says, and what is different then."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

from pipeline.common.config import Config
from pipeline.common.errors import TrackingError
from pipeline.common.progress import Progress
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import prepare
from pipeline.training.record import git_state
from pipeline.training.train import train

_CLOSE = 1e-9


def differences(
    config: Config, tags: Mapping[str, str], metrics: Mapping[str, float], data: Path, work: Path, progress: Progress
) -> list[str]:
    """Prepare and train anew below the folder `work`; what differs from the run with those tags and metrics.

    Fetched sources are taken from `data`. Raises DataError, or TrackingError for a run that is none of Dateline's.
    """
    if "predictor.sha256" not in tags or "data.sha256" not in tags:
        raise TrackingError("the run says nothing of its predictor: it was not logged by 'train.py train'")
    (data / "raw").mkdir(parents=True, exist_ok=True)
    (work / "data").mkdir()
    (work / "data" / "raw").symlink_to((data / "raw").resolve())
    prepared = prepare(config, work / "data", progress)
    found = (prepared_splits.read_manifest(prepared) or {})["content_sha256"]
    if found != tags["data.sha256"]:
        return [f"the data, SHA-256 {found} and not {tags['data.sha256']}", *_surroundings(tags)]
    result = train(config, work / "data", work / "models", progress)
    sha256 = result.predictor.sha256
    lines = [f"the predictor, SHA-256 {sha256} and not {tags['predictor.sha256']}"]
    lines = [] if sha256 == tags["predictor.sha256"] else lines
    for task, scores in result.tasks.items():
        for split, values in scores.metrics.items():
            name = f"{split}/{task}/micro_f1"
            if abs(values["micro_f1"] - metrics.get(name, -1)) > _CLOSE:
                lines.append(f"{name} {values['micro_f1']:.6f} and not {metrics.get(name, float('nan')):.6f}")
    return [*lines, *_surroundings(tags)] if lines else []


def _surroundings(tags: Mapping[str, str]) -> list[str]:
    """What else is not as it was: libraries and code."""
    lines = []
    for library in filter(None, tags.get("libraries", "").split(", ")):
        name, _, logged = library.partition(" ")
        if (found := _version(name)) != logged:
            lines.append(f"{name} {found} and not {logged}")
    commit, tree = git_state()
    if (commit, tree) != (tags.get("git.commit"), tags.get("git.tree")):
        lines.append(f"the code, commit {commit[:12]} ({tree}) and not {tags.get('git.commit', 'none')[:12]}")
    return lines


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"
