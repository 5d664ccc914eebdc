"""The compiled loops of the solver: over documents as rows of log counts, for all labels at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.dense_rows import AHEAD, LANES, LINE, add_lanes, add_rows, ask_for, lanes, move_lanes

TOLERANCE = 0.1
_IGNORED = 0.1 * TOLERANCE


def room_for_rows(indptr: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrays for the terms of a row, what they weigh, and the squares of that."""
    longest = int(np.diff(indptr).max(initial=0))
    return np.zeros(longest + AHEAD, np.int64), np.empty(longest, np.float32), np.empty(longest, np.float32)


def room_for_labels(labels: int) -> tuple[np.ndarray, ...]:
    """Arrays for each label's margin, step and squared length at a document, its gradient, and which labels move."""
    wide = [np.zeros(lanes(labels), np.float32) for _ in range(3)]
    return *wide, np.empty(labels), np.empty(labels, np.bool_), np.empty(labels + 1, np.int64)


@compiled
def walk(  # noqa: PLR0912 (calls that pass arrays cost more than the work)
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, order: Any,
    gold: Any, duals: Any, weights: Any, intercepts: Any, squares: Any, diagonals: Any,
    high: Any, low: Any, for_rows: Any, for_labels: Any,
) -> None:  # fmt: skip
    """One step of every label at every document; each label's largest and smallest projected gradient (L,) go into
    `high` and `low`."""
    labels, scaled = len(intercepts), len(squares) > 0
    terms, held, squared = for_rows
    margins, steps, lengths, gradients, moving, changed = for_labels
    for label in range(labels):
        high[label], low[label] = -np.inf, np.inf
    for visit in range(len(order)):
        place, coming = order[visit], order[min(visit + 1, len(order) - 1)]
        ask_for_row(indptr, indices, values, chosen[coming], gold[coming], duals[coming])
        row, diagonal, signs, own = chosen[place], diagonals[place], gold[place], duals[place]
        size = weigh(indptr, indices, values, idf, scales, row, terms, held)
        for label in range(len(margins)):
            margins[label] = intercepts[label] if label < labels else 0.0
        add_rows(weights, terms, held, size, margins)
        for label in range(labels):  # without a branch, so that several are done at once
            sign = 1.0 if signs[label] else -1.0
            dual = np.float64(own[label])
            gradient = sign * margins[label] - 1.0 + diagonal * dual
            projected = gradient if (dual != 0.0) | (gradient < 0.0) else 0.0
            gradients[label] = gradient
            high[label] = projected if projected > high[label] else high[label]
            low[label] = projected if projected < low[label] else low[label]
            moving[label] = abs(projected) > _IGNORED
        count = 0
        for label in range(labels):
            changed[count] = label
            count += moving[label]
        if count == 0:
            continue
        if scaled:
            for at in range(size):
                squared[at] = held[at] * held[at]
        length, end = (1.0 if scales[row] > 0 else 0.0) + 1.0 + diagonal, 0
        for number in range(count):
            label = changed[number]
            if scaled and label >= end:
                begin = label // LANES * LANES
                end = begin + LANES
                for lane in range(begin, end):
                    lengths[lane] = 0.0
                add_lanes(squares, terms, squared, size, begin, lengths)
            if scaled:
                length = lengths[label] + 1.0 + diagonal
            new = np.float32(max(np.float64(own[label]) - gradients[label] / length, 0.0))
            steps[label] = np.float32((new - own[label]) * (1.0 if signs[label] else -1.0))
            own[label] = new
            intercepts[label] += steps[label]
        end = 0
        for number in range(count):
            if changed[number] >= end:
                begin = changed[number] // LANES * LANES
                end = begin + LANES
                move_lanes(weights, terms, held, size, begin, steps, squares)
                for lane in range(begin, end):
                    steps[lane] = 0.0


@part
def ask_for_row(indptr: Any, indices: Any, values: Any, row: int, signs: Any, own: Any) -> None:
    """Have what the walk reads of a row brought near while it is at the row before."""
    for at in range(indptr[row], indptr[row + 1], LINE // 4):
        ask_for(indices, at)
        ask_for(values, at)
    for label in range(0, len(own), LINE // 4):
        ask_for(own, label)
    for label in range(0, len(signs), LINE):
        ask_for(signs, label)


@part
def weigh(indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, row: int, terms: Any, held: Any) -> Any:
    """Fill in the terms of a row and what they weigh; how many there are."""
    begin, end, scale = indptr[row], indptr[row + 1], scales[row]
    for at in range(begin, end):
        term = indices[at]
        terms[at - begin] = term
        held[at - begin] = np.float32(values[at] * idf[term] * scale)
    return end - begin


@compiled
def score(
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, among: Any, weights: Any, intercepts: Any,
    scores: Any, for_rows: Any,
) -> None:  # fmt: skip
    """Fill in the scores (len(among), columns of the weights), float32."""
    terms, held, _ = for_rows
    for place in range(len(among)):
        size = weigh(indptr, indices, values, idf, scales, among[place], terms, held)
        for column in range(len(intercepts)):
            scores[place, column] = intercepts[column]
        add_rows(weights, terms, held, size, scores[place])


@compiled
def label_sums(
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, gold: Any, inside: Any, every: Any,
    held: Any,
) -> None:  # fmt: skip
    """Add up the rows with each label, `inside` (terms, L), and all, `every` (terms,); `held` has room for labels."""
    for row in chosen:
        count = 0
        for label in range(gold.shape[1]):
            if gold[row, label]:
                held[count] = label
                count += 1
        for at in range(indptr[row], indptr[row + 1]):
            value, term = np.float32(values[at] * idf[indices[at]] * scales[row]), indices[at]
            every[term] += value
            for number in range(count):
                inside[term, held[number]] += value


@compiled
def frequency(indptr: Any, indices: Any, chosen: Any, found: Any) -> None:
    """Count how many of the chosen rows each term (terms,) stands in."""
    for row in chosen:
        for at in range(indptr[row], indptr[row + 1]):
            found[indices[at]] += 1


@compiled
def row_scales(indptr: Any, indices: Any, values: Any, idf: Any, found: Any) -> None:
    """Fill in what each row is multiplied by to have length 1, where it isn't a row of zeros."""
    for row in range(len(found)):
        total = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            value = np.float64(values[at]) * idf[indices[at]]
            total += value * value
        if total > 0:
            found[row] = 1.0 / np.sqrt(total)
