"""The language of the articles that a model learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.common.config import Config
from pipeline.features.language.detection import language_of
from pipeline.features.language.names import MULTI
from pipeline.features.language.reading import ENGLISH

AUTO = "auto"
_LOOKED_AT, _MOSTLY = 300, 0.8


def with_language(config: Config, texts: Iterable[str]) -> Config:
    """The configuration with the language that most of `texts` are in, if it says `auto`; MULTI when they differ."""
    if config.language != AUTO:
        return config
    found = Counter(
        language for text, _ in zip(texts, range(_LOOKED_AT), strict=False) if (language := language_of(text))
    )
    best, count = found.most_common(1)[0] if found else (ENGLISH, 1)
    chosen = best if count >= _MOSTLY * max(1, found.total()) else MULTI
    return config.model_copy(update={"language": chosen})
