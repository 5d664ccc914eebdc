"""Which articles are nearly the same as others, remembered from one preparation to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import overload

import numpy as np

from pipeline.common import cache
from pipeline.common.article import Article
from pipeline.common.progress import Stage
from pipeline.preparation.near_duplicates import similar_pairs

_RECIPE = 2  # raised when the same texts would get other pairs


class _Texts(Sequence[str]):
    """Titles and texts of articles, put together when they are looked at, so that they aren't held twice."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles

    def __len__(self) -> int:
        return len(self._articles)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[position] for position in range(*place.indices(len(self)))]
        article = self._articles[place]
        return f"{article.title}\n{article.text}"


def related(articles: Sequence[Article], threshold: float, stage: Stage) -> list[tuple[int, int, float]]:
    """What `similar_pairs` says of titles and texts together, kept in the cache that is in use."""
    texts = _Texts(articles)
    if not cache.in_use():
        return similar_pairs(texts, threshold, stage.advance)

    def make() -> cache.Arrays:
        found = similar_pairs(texts, threshold, stage.advance)
        pairs = np.array([pair[:2] for pair in found], np.int64).reshape(-1, 2)
        return {"pairs": pairs, "similarity": np.array([pair[2] for pair in found], np.float64)}

    digest = hashlib.blake2b()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    kept = cache.arrays("duplicates", [_RECIPE, digest.digest(), threshold], make)
    return [
        (one, other, value)
        for (one, other), value in zip(kept["pairs"].tolist(), kept["similarity"].tolist(), strict=True)
    ]
