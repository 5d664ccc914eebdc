"""The language of the articles that a model learns from."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.common.config import Config
from pipeline.features.language.detection import AUTO, main_language


def with_language(config: Config, texts: Iterable[str]) -> Config:
    """The configuration with the language that most of `texts` are in, if it says `auto`; MULTI when they differ."""
    return config.model_copy(update={"language": main_language(texts)}) if config.language == AUTO else config
