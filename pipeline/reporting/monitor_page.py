"""What `monitor` found, as a page and for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.common.text import plain
from pipeline.evaluation.drift import Drift, Shift
from pipeline.evaluation.expected import Expected
from pipeline.evaluation.seen import LENGTHS, Profile
from pipeline.reporting import figures, figures_monitor
from pipeline.reporting.figures import Picture, picture
from pipeline.reporting.html import render

_SHOWN = 8


@dataclass(slots=True)
class Monitoring:
    """What was found of some articles: profiles, drift, expected quality overall and by label, articles to label.

    `to_label` holds an id, a title and the labels that the model is unsure of for each article.
    """

    title: str
    model: str
    sha256: str
    before: Profile
    now: Profile
    drift: Drift
    expected: dict[str, Expected]
    by_label: dict[str, dict[str, Expected]]
    to_label: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def metrics(self) -> dict[str, float]:
        """The figures that a run keeps."""
        found: dict[str, float] = {"articles": self.now.documents, "moved": len(self.drift.moved)}
        for task, each in self.expected.items():
            found |= {f"expected/{task}/{name}": getattr(each, name) for name in ("precision", "recall", "f1")}
            found[f"published/{task}"] = self.now.tasks[task].published / max(1, self.now.tasks[task].tags)
        found |= {f"stability/{name}": value for name, value in self.drift.stability.items()}
        return found | {f"now/{_key(shift.name)}": shift.now for shift in self.drift.articles}

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values, for programs."""
        return {
            "model": {"name": self.model, "sha256": self.sha256},
            "articles": self.now.documents,
            "moved": self.drift.moved,
            "expected": {task: _plain(each) for task, each in self.expected.items()},
            "by_label": {
                task: {label: _plain(each) for label, each in found.items()} for task, found in self.by_label.items()
            },
            "shifts": [_plain(shift) for shift in (*self.drift.articles, *self.drift.labels)],
            "stability": self.drift.stability,
            "to_label": [{"id": name, "title": title, "unsure": list(unsure)} for name, title, unsure in self.to_label],
        }


def as_page(found: Monitoring, names: Mapping[str, str]) -> str:
    """The page, with its pictures."""
    return render("monitor.html.j2", found=found, names=names, pictures=draw(found, names))


def draw(found: Monitoring, names: Mapping[str, str]) -> dict[str, Picture]:
    """The pictures by name: shares of labels and expected F1 of each task, and lengths."""
    made = {}
    for task, labels in found.by_label.items():
        own = [shift for shift in found.drift.labels if shift.task == task]
        for name, values, maker, title in (
            ("shares", own, figures_monitor.shifts, "what is written about"),
            ("expected", labels, figures_monitor.expected_f1, "the quality to be expected"),
        ):
            if values:
                height = figures.bars_height(min(len(values), figures_monitor.MOST))
                made[f"{task}_{name}"] = picture(maker, values, names, f"{task.capitalize()}: {title}", height=height)
    title = "How long the articles are"
    made["lengths"] = picture(
        figures_monitor.lengths, found.before.lengths, found.now.lengths, LENGTHS, title, height=3.4
    )
    return made


def as_text(found: Monitoring, names: Mapping[str, str]) -> str:
    """What was found, for a terminal."""
    lines = [f"{found.title}: {found.now.documents:,} articles beside {found.before.documents:,} of the training"]
    for task, each in found.expected.items():
        lines.append(
            f"{task}: expected micro-F1 {each.f1:.3f} ({each.low:.3f} to {each.high:.3f}), precision "
            f"{each.precision:.3f}, recall {each.recall:.3f}, {each.tags:,} tags, "
            f"{found.now.tasks[task].published:,} sure enough to publish"
        )
    lines += [
        f"{shift.name}: {shift.before:.3f} then, {shift.now:.3f} now{_star(shift)}" for shift in found.drift.articles
    ]
    lines += [f"{name}: stability index {value:.2f}" for name, value in found.drift.stability.items()]
    moved = [shift for shift in found.drift.labels if shift.moved]
    lines.append(f"tags that moved: {len(moved)} of {len(found.drift.labels)}")
    lines += [f"  {_shift(shift, names)}" for shift in moved[:_SHOWN]]
    lines += [f"  and {len(moved) - _SHOWN} more"] if len(moved) > _SHOWN else []
    lines += [f"worth labelling first: {len(found.to_label)}"] if found.to_label else []
    lines += [f"  {plain(name)}: {plain(title)[:80]}" for name, title, _ in found.to_label[:_SHOWN]]
    return "\n".join(lines)


def _shift(shift: Shift, names: Mapping[str, str]) -> str:
    return f"{plain(names.get(shift.label, shift.label))}: {100 * shift.before:.1f} % then, {100 * shift.now:.1f} % now"


def _star(shift: Shift) -> str:
    return " (moved)" if shift.moved else ""


def _key(name: str) -> str:
    return name.partition(" (")[0].replace(" ", "_")


def _plain(record: Expected | Shift) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(record).items()}


def names_of(taggers: Mapping[str, Sequence[str]], name: Any) -> dict[str, str]:
    """What people call each label; `name(task, label)` tells."""
    return {label: name(task, label) for task, labels in taggers.items() for label in labels}
