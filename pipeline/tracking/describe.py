"""What a run says of itself: description, tags, parameters, metrics. Plain values, no MLflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.common.project import command

if TYPE_CHECKING:
    from pipeline.training.record import Record

_AVERAGES = ("micro", "macro", "weighted", "samples")
_AVERAGED = tuple(f"{average}_{name}" for name in ("f1", "precision", "recall") for average in _AVERAGES)
_OTHERS = ("lrap", "subset_accuracy", "expected_calibration_error", "documents", "labels")
_PARAMETERS = ("name", "seed", "refit")
_SECTIONS = ("prepare", "topics", "regions")
VIEW = "dateline"
_WIDTH = 190  # pixels that the names of the scores need
_NOT_IN_NAMES = re.compile(r"[^\w\-. :/]")


def model_name(record: Record) -> str:
    """The registered model of a record's configuration."""
    return str(record.config["tracking"]["registered_model"] or f"dateline-{record.name}")


def description(record: Record) -> str:
    """What, data, headline scores and how to predict with it, in Markdown."""
    splits = ", ".join(f"{split} {values['documents']:,}" for split, values in record.manifest["splits"].items())
    scores = [f"- **{task}** {_scores(found['metrics'])}" for task, found in record.tasks.items()]
    data = f"**Data** {splits} articles; {_sources(record)}"
    return "\n".join([record.config["description"] or record.name, "", *scores, "", data])


def how_to(reference: str, run_id: str) -> str:
    """How to predict with a logged model, and how to train it again, in Markdown."""
    return (
        f"**Predict** `{command()} predict --model {reference} --file article.txt`\n\n"
        f"**Train it again** `{command()} rerun {run_id}`"
    )


def tags(record: Record) -> dict[str, str]:
    """Tags to filter runs on."""
    libraries = record.predictor.get("libraries", {})
    return {
        "corpus": "+".join(corpus["corpus"] for corpus in record.config["corpora"]),
        "recipe": record.name,
        "git.commit": record.commit,
        "git.tree": record.tree,
        "predictor.sha256": record.predictor["sha256"],
        "data.sha256": record.manifest["content_sha256"],
        "libraries": ", ".join(f"{name} {version}" for name, version in libraries.items()),
        "training": record.id,
    } | (
        {"corrections.sha256": learned}
        if (learned := record.manifest.get("notes", {}).get("corrections_sha256"))
        else {}
    )


def parameters(record: Record, task: str | None = None) -> dict[str, Any]:
    """The settings of the run, flat; of one task's run only that task's."""
    sections = _SECTIONS if task is None else (task,)
    found = {key: record.config[key] for key in _PARAMETERS if key in record.config} if task is None else {}
    for section in sections:
        found |= dict(_flat(record.config.get(section) or {}, section))
    return found


def metrics(record: Record, task: str, split: str) -> dict[str, float]:
    """One task's metrics on one split, such as `test/topics/micro_f1`, with those of each source."""
    values, prefix = record.tasks[task]["metrics"][split], f"{split}/{task}"
    found = _plain(values, prefix)
    for name, error in values.get("standard_error", {}).items():
        found[f"{prefix}/{name}_standard_error"] = float(error)
    for source, scores in values.get("by_source", {}).items():
        found |= _plain(scores, f"{prefix}/source {safe(source)}", ("documents", "micro_f1", "macro_f1"))
    return found


def headline(record: Record, task: str, split: str) -> dict[str, float]:
    """The metrics that stand on the parent run and the model."""
    return _plain(record.tasks[task]["metrics"][split], f"{split}/{task}")


def seconds(record: Record) -> dict[str, float]:
    """The time of each stage, the whole, and the most memory."""
    found = {f"seconds/{safe(stage)}": value for stage, value in record.seconds.items()}
    found["seconds/total"] = sum(record.seconds.values())
    if record.usage:
        found["memory/peak_megabytes"] = max(megabytes for _, megabytes, _ in record.usage)
    return found


def view() -> str:
    """The columns of the table of runs, as the UI keeps a shared view: main scores first, time and memory last."""
    scores = [f"test/{task}/{name}" for task in ("topics", "regions") for name in ("micro_f1", "macro_f1")]
    costs = ["seconds/total", "memory/peak_megabytes"]
    metrics = [[f"metrics.`{name}`" for name in names] for names in (scores, costs)]
    columns = [*metrics[0], "attributes.`Models`", "attributes.`Dataset`", *metrics[1]]
    widths = dict.fromkeys(columns, _WIDTH)
    return json.dumps({"selectedColumns": columns, "columnOrder": columns, "columnWidths": widths})


def milliseconds(moment: str) -> int:
    """An ISO moment as MLflow counts time."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def safe(name: str) -> str:
    """A name with only the characters that MLflow takes in the name of a metric."""
    return _NOT_IN_NAMES.sub("_", name) or "unnamed"


def _scores(metrics: Mapping[str, Mapping[str, float]]) -> str:
    names = {"micro_f1": "micro-F1", "macro_f1": "macro-F1"}
    return "; ".join(
        f"{split} " + ", ".join(f"{shown} {values.get(name, 0):.3f}" for name, shown in names.items())
        for split, values in sorted(metrics.items())
    )


def _sources(record: Record) -> str:
    files = record.manifest["sources"]
    shown = ", ".join(f"`{source['file']}`" for source in files[:6])
    more = f" and {len(files) - 6} more files" if len(files) > 6 else ""
    return f"from {shown}{more}; content SHA-256 `{record.manifest['content_sha256'][:12]}`"


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}.{key}")
        else:
            yield f"{prefix}.{key}", value


def _plain(values: Mapping[str, Any], prefix: str, names: tuple[str, ...] = (*_AVERAGED, *_OTHERS)) -> dict[str, float]:
    return {f"{prefix}/{name}": float(values[name]) for name in names if name in values}
