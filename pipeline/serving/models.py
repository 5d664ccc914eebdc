"""Several models behind one service: each text goes to the one of its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.errors import ConfigError, ModelError
from pipeline.features.language.names import MULTI, language_name
from pipeline.features.texts import Text
from pipeline.prediction.languages import Languages, language_told
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.serving.live import LiveModel

_NAMED = re.compile(r"([a-z]{2,5})=(.+)")
_BETWEEN = re.compile(r",(?=[a-z]{2,5}=)")

Place = tuple[str, str, str]
"""A language, where its predictor lies, and the predictor's SHA-256."""


@dataclass(frozen=True, slots=True)
class Models:
    """Predictors by the language that they read; the first one takes texts in all others."""

    by_language: Mapping[str, Predictor]

    @property
    def first(self) -> Predictor:
        """The predictor named first."""
        return self.by_language[next(iter(self.by_language))]

    def language_for(self, text: Text) -> str:
        """Of which language the model is that a text goes to."""
        languages = list(self.by_language)
        if len(languages) == 1:
            return languages[0]
        told = language_told(text)
        return next((own for own in languages if own == told or Languages(own).reads(told)), languages[0])

    def of(self, text: Text) -> Predictor:
        """The predictor that a text goes to."""
        return self.by_language[self.language_for(text)]


class LiveModels:
    """Follows several models, each by itself (see `LiveModel`); `given` is a model, or `LANGUAGE=MODEL` with commas
    between. One file that is named for several languages is loaded once.

    Raises ConfigError for names that can't be told apart, ModelError for a model that can't be used or reads another
    language than it is named for.
    """

    def __init__(self, given: str, root: Path, every: float | None = None) -> None:
        named = [parted_name(part) for part in _BETWEEN.split(given)]
        loaded = {model: LiveModel(model, root, every) for model in dict.fromkeys(model for _, model in named)}
        self._all = list(loaded.values())
        self._live: dict[str, LiveModel] = {}
        try:
            for language, model in named:
                own = _checked(language, model, loaded[model].predictor)
                if own in self._live:
                    raise ConfigError(f"two models for {language_name(own)} ({own}): name one of them")
                self._live[own] = loaded[model]
        except BaseException:
            self.close()
            raise

    @property
    def predictor(self) -> Predictor:
        """The predictor named first, as it is now."""
        return next(iter(self._live.values())).predictor

    @property
    def models(self) -> Models:
        """All predictors as they are now."""
        return Models({language: live.predictor for language, live in self._live.items()})

    @property
    def places(self) -> tuple[Place, ...]:
        """Where they lie."""
        return tuple((language, *live.place) for language, live in self._live.items())

    def follow(self) -> None:
        """Begin to look for new models from time to time."""
        for live in self._all:
            live.follow()

    def look(self) -> None:
        """Look for new models now."""
        for live in self._all:
            live.look()

    def close(self) -> None:
        """Stop looking, and remove what was fetched."""
        for live in self._all:
            live.close()


class Opened(Mapping[str, Predictor]):
    """Predictors by language, loaded when they are first asked for: what a process beside the service holds."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[str, str]] = {}
        self._kept: dict[str, Predictor] = {}

    def at(self, places: Sequence[Sequence[str]]) -> Models:
        """The models that lie there now."""
        self._places = {language: (folder, sha256) for language, folder, sha256 in places}
        wanted = {sha256 for _, sha256 in self._places.values()}
        self._kept = {sha256: predictor for sha256, predictor in self._kept.items() if sha256 in wanted}
        return Models(self)

    def __getitem__(self, language: str) -> Predictor:
        folder, sha256 = self._places[language]
        if sha256 not in self._kept:
            self._kept[sha256] = load_predictor(folder)
        return self._kept[sha256]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def joined(models: Sequence[str]) -> str:
    """Models as `LiveModels` takes them. Raises ConfigError when several are given without their languages."""
    if len(models) > 1 and not all(map(_NAMED.fullmatch, models)):
        raise ConfigError("of several models each needs its language: --model en=models/news --model fr=models/fr")
    return ",".join(models)


def parted_name(given: str) -> tuple[str, str]:
    """The language that a model is named for, empty without one, and the model."""
    found = _NAMED.fullmatch(given)
    return (found[1], found[2]) if found else ("", given)


def _checked(language: str, model: str, predictor: Predictor) -> str:
    """The language that a model is used for: the one it is named for, or its own."""
    own = predictor.languages.model
    if language and own != MULTI and not predictor.languages.reads(language):
        raise ModelError(
            f"{model} reads {language_name(own)}, not {language_name(language)}: write {own}={model}, or another"
        )
    return language or own
