"""The labels of people's rows as training takes them: by alias, country code, hierarchy and usual spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.common.taxonomy import CountryNames
from pipeline.rows.label_cells import folded, is_missing, split_labels
from pipeline.rows.layout import TASKS, Layout
from pipeline.rows.mapping import RowMapping
from pipeline.rows.paths import ABSENT
from pipeline.rows.text_cells import BadRowError, is_nan

_SHOWN, _MOST_CELLS = 5, 20_000


@cache
def country_names(path: str) -> CountryNames:
    """The countries of a vocabulary, read once."""
    return CountryNames(Path(path))


class LabelReader:
    """Reads the labels of rows of one mapping; remembers their spellings, and counts in `notes` what was odd."""

    def __init__(self, mapping: RowMapping, notes: Counter[str]) -> None:
        self._mapping, self._notes = mapping, notes
        self._aliases = {folded(written): label for written, label in mapping.aliases.items()}
        self._spellings: dict[str, dict[str, str]] = {task: {} for task in TASKS}
        self._cells: dict[tuple[str, ...], list[str]] = {}  # most rows hold what an earlier one held

    def labels(self, data: Mapping[str, Any], layout: Layout, task: str) -> list[str] | None:
        """A row's labels of a task; None when it was not labelled for it. Raises BadRowError."""
        separator = layout.separators.get(task, "")
        try:
            value = layout.labels(data, task)
            texts = _texts(value)
            if texts and (known := self._cells.get((task, separator, *texts))) is not None:
                return known.copy()
            if value is ABSENT or value is None or is_nan(value):
                return None
            if is_missing(value, task == "regions"):
                self._notes["labels_missing"] += bool(str(value).strip())
                return [] if self._mapping.empty_labels == "none" else None
            given = split_labels(value, separator)
        except ValueError as error:
            raise BadRowError(f"column '{(layout.columns.get(task) or layout.joined[task])[0]}': {error}") from None
        kept = [label for label in given if not is_missing(label, task == "regions")]
        found = list(dict.fromkeys(one for label in kept for one in self._settled(label, task)))
        if texts and len(self._cells) < _MOST_CELLS:
            self._cells[task, separator, *texts] = found.copy()
        return found

    def settle_spellings(self, sample: Sequence[Mapping[str, Any]], layout: Layout) -> None:
        """The most frequent spelling among the first rows is that of a label, where the mapping merges them."""
        for task in TASKS if self._mapping.merge_case else ():
            counts: Counter[str] = Counter()
            for data in sample:
                with suppress(ValueError):
                    value = layout.labels(data, task)
                    given = split_labels(value, layout.separators[task]) if isinstance(value, str | list) else ()
                    counts.update(level for label in given for level in self._levels(label, task))
            for label, _ in counts.most_common():
                self._spellings[task].setdefault(folded(label), label)

    def is_country(self, label: str) -> bool:
        """Whether a label names a country, or any is taken for a region."""
        return self._names is None or self._aliases.get(folded(label), label) in self._names

    def look_alike_remarks(self) -> list[str]:
        """What is said of labels that look alike, when there are any."""
        groups = [" / ".join(group) for group in self.look_alikes()]
        shown = "; ".join(groups[:_SHOWN]) + "; ..." * (len(groups) > _SHOWN)
        hint = "labels: {merge_case: true} makes each group one label"
        return [f"Labels that differ only in case, blanks or hyphens: {shown}. {hint}."] if groups else []

    def look_alikes(self) -> list[list[str]]:
        """Labels that differ only in case, width, hyphens or blanks, and were not merged."""
        groups: dict[tuple[str, str], list[str]] = {}
        for task, spellings in self._spellings.items():
            for spelling in spellings:
                groups.setdefault((task, folded(spelling)), []).append(spelling)
        return [group for group in groups.values() if len(group) > 1]

    @property
    def _names(self) -> CountryNames | None:
        """The countries, which are read when a label is first looked up; who only tags has no labels."""
        return country_names(self._mapping.countries) if self._mapping.countries else None

    def _settled(self, label: str, task: str) -> list[str]:
        """A label by its alias, its country's code, its place in a hierarchy and its usual spelling."""
        return [self._spelled(level, task) for level in self._levels(label, task)]

    def _levels(self, label: str, task: str) -> list[str]:
        """What a label stands for: itself, or itself and the levels above it."""
        label = self._aliases.get(folded(label), label) if self._aliases else label
        if task == "regions":
            return [self._names.code(label) if self._names else label]
        sign = self._mapping.hierarchy
        if not sign or sign.strip() not in label:
            return [label]
        parts = [part.strip() for part in label.split(sign.strip()) if part.strip()]
        return [sign.join(parts[: depth + 1]) for depth in range(len(parts))]

    def _spelled(self, label: str, task: str) -> str:
        if not self._mapping.merge_case:
            return self._spellings[task].setdefault(label, label)
        return self._spellings[task].setdefault(folded(label), label)


def _texts(value: Any) -> tuple[str, ...]:
    """What tells a cell of labels from others, where it holds a text or a list of texts; empty for any other."""
    if type(value) is str:
        return (value,)
    if type(value) is list and value and all(type(label) is str for label in value):
        return ("", *value)
    return ()
