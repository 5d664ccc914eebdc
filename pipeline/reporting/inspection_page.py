"""What `inspect` found, as a page and for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.common.label_tree import indicator
from pipeline.common.taxonomy import Taxonomy
from pipeline.common.text import plain
from pipeline.preparation.inspection import RARE, Inspection, TaskLabels
from pipeline.reporting import figures, figures_corpus
from pipeline.reporting.figures import Picture, picture
from pipeline.reporting.html import render


def as_page(found: Inspection, names: Mapping[str, str], pictures: Mapping[str, Picture]) -> str:
    """The inspection as one self-contained page, with the `pictures` that `draw` made and others."""
    return render("inspection.html.j2", found=found, names=names, pictures=pictures, rare=RARE)


def as_text(found: Inspection, names: Mapping[str, str]) -> str:
    """The inspection for a terminal."""
    lines = [f"{found.name}: " + ", ".join(f"{split} {count:,}" for split, count in found.splits.items())]
    counts = found.manifest.get("counts", {})
    lines += found.manifest.get("notices", {}).values()
    lines += [f"note: {remark}" for remark in found.manifest.get("remarks", [])]
    lines.append("rows: " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()))
    for task, labels in found.tasks.items():
        lines += ["", *_task_lines(task, labels, names)]
    middle = np.percentile(found.words, (5, 50, 95)) if found.words else (0, 0, 0)
    dated = sorted(month for given in found.months.values() for month in given)
    lines += ["", f"words: median {middle[1]:,.0f}, nine in ten between {middle[0]:,.0f} and {middle[2]:,.0f}"]
    lines.append(f"dates: {dated[0]} to {dated[-1]}" if dated else "dates: none")
    lines.append(f"without a text, only a title and labels: {len(found.no_text):,}")
    lines.append(f"near-duplicates dropped: {len(found.duplicates):,}")
    lines.append(f"near-duplicates across splits: {len(found.leaks):,} (should be none)")
    lines += [f"  {one} {plain(a)} and {other} {plain(b)}: {s:.2f}" for one, a, other, b, s in found.leaks[:5]]
    lines.append(f"texts that look not {found.language}: {len(found.foreign):,}")
    lines += [f"  {split} {plain(name)}: {plain(title)[:90]}" for split, name, title in found.foreign[:5]]
    return "\n".join(lines)


def _task_lines(task: str, labels: TaskLabels, names: Mapping[str, str]) -> list[str]:
    total: Counter[str] = Counter()
    for given in labels.counts.values():
        total.update(given)
    lines = [f"{task}: {len(total)} labels; articles labelled " + _by_split(labels.labelled)]
    lines.append(f"  labelled with none of them: {_by_split(labels.empty)}")
    frequent = ", ".join(f"{plain(names.get(label, label))} {count:,}" for label, count in total.most_common(8))
    lines.append(f"  most frequent: {frequent}")
    lines.append(f"  fewer than {RARE} training articles: {_listed([label for label, _ in labels.rare], names)}")
    lines.append(f"  in test but not in train: {_listed(labels.only_test, names)}")
    lines.append(f"  in train but not in test: {_listed(labels.only_train, names)}")
    pairs = ", ".join(f"{plain(names.get(a, a))} + {plain(names.get(b, b))} {n:,}" for a, b, n in labels.pairs[:5])
    return [*lines, f"  most often together: {pairs or 'none'}"]


def _by_split(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in counts.items())


def _listed(labels: Sequence[str], names: Mapping[str, str]) -> str:
    shown = ", ".join(plain(names.get(label, label)) for label in labels[:8])
    more = f" and {len(labels) - 8} more" if len(labels) > 8 else ""
    return f"{len(labels)}" + (f" ({shown}{more})" if labels else "")


def draw(found: Inspection, taxonomy: Taxonomy) -> dict[str, Picture]:
    """The pictures of an inspection by name: labels, labels together, lengths, dates."""
    made = {}
    for task, labels in found.tasks.items():
        named = {
            split: {taxonomy.name(label): count for label, count in given.items()}
            for split, given in labels.counts.items()
        }
        used = sorted({label for given in labels.counts.values() for label in given})
        title = f"{task.capitalize()}: articles of each label"
        height = figures.bars_height(len(used))
        made[f"{task}_labels"] = picture(figures_corpus.labels_by_split, named, title, height=height)
        gold = indicator(labels.given, used)
        names = {label: taxonomy.name(label) for label in used}
        title, height = f"{task.capitalize()}: labels that go together", figures.cells_height(len(used))
        made[f"{task}_together"] = picture(figures.cooccurrence, gold, used, names, title, height=height)
    made["lengths"] = picture(figures_corpus.lengths, found.words, "How long the articles are", height=3.6)
    if any(found.months.values()):
        made["dates"] = picture(figures_corpus.dates, found.months, "When the articles are from", height=3.6)
    return made
