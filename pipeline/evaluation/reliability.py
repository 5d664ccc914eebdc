"""How far stated probabilities hold: calibration error, reliability by bins, Wilson intervals."""

from __future__ import annotations

import numpy as np

_ERROR_BINS = 15
_BINS = 10


def expected_calibration_error(gold: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance of confidence and frequency over 15 equal-width bins, weighted by size, over all document-label
    pairs with a probability above 0.01; the many sure negatives below would hide every error.

    Guo et al. (2017), On calibration of modern neural networks.
    """
    counted = probabilities > 0.01
    if not counted.any():
        return 0.0
    scores, truth = probabilities[counted], gold[counted]
    bins = np.minimum((scores * _ERROR_BINS).astype(int), _ERROR_BINS - 1)
    size = np.bincount(bins, minlength=_ERROR_BINS)
    gap = np.bincount(bins, scores, _ERROR_BINS) - np.bincount(bins, truth, _ERROR_BINS)
    return float(np.abs(gap).sum() / size.sum())


def reliability_bins(gold: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of the probabilities above 0.01 in ten equal bins: mean stated, share that holds, its interval's ends, count.

    Both arrays have one shape, such as (documents, labels); `gold` is boolean.
    """
    counted = probabilities > 0.01
    scores, truth = probabilities[counted], gold[counted]
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    size = np.bincount(bins, minlength=_BINS)
    used = size > 0
    held = np.bincount(bins, truth, _BINS)[used] / size[used]
    stated = np.bincount(bins, scores, _BINS)[used] / size[used]
    return stated, held, *wilson(held, size[used]), size[used]


def wilson(share: np.ndarray, count: np.ndarray, z: float = 1.96) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the Wilson score interval (Wilson 1927) of shares among so many."""
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(np.maximum(share * (1 - share) / count + z * z / (4 * count * count), 0.0))
    below = 1 + z * z / count
    return (centre - spread) / below, (centre + spread) / below
