"""The compiled loops of the solver: over documents as rows of log counts, for all labels at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled
from pipeline.features.compiled.dense_rows import LANES, add_lanes, add_rows, move_lanes

TOLERANCE = 0.1
_IGNORED = 0.1 * TOLERANCE


@compiled
def walk(
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, order: Any,
    gold: Any, duals: Any, weights: Any, intercepts: Any, squares: Any, diagonals: Any,
) -> Any:  # fmt: skip
    """One step of every label at every document; each label's gap between the largest and the smallest projected
    gradient (L,)."""
    labels, width = len(intercepts), weights.shape[1]
    scaled = len(squares) > 0
    high, low, gradients = np.full(labels, -np.inf), np.full(labels, np.inf), np.empty(labels)
    margins, steps, lengths = np.empty(width, np.float32), np.zeros(width, np.float32), np.empty(width, np.float32)
    moving, changed = np.empty(labels, np.bool_), np.empty(labels + 1, np.int64)
    terms, held, squared = room(indptr)
    for place in order:
        row, diagonal, signs, own = chosen[place], diagonals[place], gold[place], duals[place]
        size = weigh(indptr, indices, values, idf, scales, row, terms, held)
        margins[:] = 0.0
        for label in range(labels):
            margins[label] = intercepts[label]
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
                lengths[begin:end] = 0.0
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
                steps[begin:end] = 0.0
    return high - low


@compiled
def room(indptr: Any) -> Any:
    """Arrays for the terms of a row, what they weigh, and the squares of that."""
    longest = 0
    for row in range(len(indptr) - 1):
        longest = max(longest, indptr[row + 1] - indptr[row])
    return np.empty(longest, np.int64), np.empty(longest, np.float32), np.empty(longest, np.float32)


@compiled
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
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, among: Any, weights: Any, intercepts: Any
) -> Any:
    """Scores (len(among), columns of the weights), float32."""
    scores = np.empty((len(among), weights.shape[1]), np.float32)
    terms, held, _ = room(indptr)
    for place in range(len(among)):
        size = weigh(indptr, indices, values, idf, scales, among[place], terms, held)
        scores[place] = intercepts
        add_rows(weights, terms, held, size, scores[place])
    return scores


@compiled
def label_sums(indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, gold: Any) -> Any:
    """The sums of rows with each label (terms, L) and of all (terms,), float32 and float64."""
    inside, every = np.zeros((len(idf), gold.shape[1]), np.float32), np.zeros(len(idf), np.float64)
    held = np.empty(gold.shape[1], np.int64)
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
    return inside, every


@compiled
def frequency(indptr: Any, indices: Any, chosen: Any, terms: int) -> Any:
    """How many of the chosen rows each term (terms,) stands in."""
    found = np.zeros(terms, np.int64)
    for row in chosen:
        for at in range(indptr[row], indptr[row + 1]):
            found[indices[at]] += 1
    return found


@compiled
def row_scales(indptr: Any, indices: Any, values: Any, idf: Any) -> Any:
    """What each row is multiplied by to have length 1; 0 for a row of zeros."""
    found = np.zeros(len(indptr) - 1, np.float32)
    for row in range(len(found)):
        total = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            value = np.float64(values[at]) * idf[indices[at]]
            total += value * value
        if total > 0:
            found[row] = 1.0 / np.sqrt(total)
    return found
