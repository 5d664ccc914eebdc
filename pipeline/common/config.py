"""The one schema of a configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipeline.common.vocabulary import MEDIATOPICS

PUBLISH_PRECISION = 0.95


class TaggerSettings(BaseModel):
    """One recipe for every corpus; what differs between corpora is read off the training labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title_weight: float = Field(2.5, ge=0, description="count of a title word; the body's first word counts 1")
    lead_words: float = Field(60.0, gt=0, description="body position at which a word counts half of the first")
    min_documents: int = Field(2, ge=1, description="training documents that a term must occur in")
    mask_countries: bool = Field(
        True, description="names of countries, their people and capitals count as one word: topics travel"
    )
    label_words: bool = Field(True, description="a label's name and the words it is known by count for it")
    zero_shot: bool = Field(False, description="a topic without a training article can be given for its words alone")
    penalty: float = Field(1.0, gt=0, description="C of the support-vector machines; larger fits closer")
    ratio_share: float = Field(
        0.5, ge=0, description="weight of the second machine, on terms scaled by log-count ratios; 0 leaves it out"
    )
    folds: int = Field(5, ge=2, le=20, description="folds of the out-of-fold scores behind calibration and thresholds")
    calibration_strength: float = Field(
        0.01, ge=0, description="pull of a label's calibration towards the pooled one, in the units of its log-loss"
    )
    rare_label: float = Field(
        50.0, ge=0, description="documents at which a label's threshold is half tuned for micro-F1, half for its own F1"
    )
    decision: Literal["auto", "any", "at_least_one", "exactly_one"] = Field(
        "auto", description="how many labels an article gets; auto reads it off the training labels"
    )


class RegionSettings(BaseModel):
    """One recipe for every corpus: a text model, and a ranker over the countries that an article may be about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gazetteer: Path = Field(Path("data/taxonomy"), description="folder with countries.csv, places.csv and the others")
    text: TaggerSettings = Field(
        default_factory=lambda: TaggerSettings(penalty=0.5, ratio_share=0.0, lead_words=100.0, min_documents=3),
        description="the one-vs-rest text model whose scores are features of the ranker",
    )
    text_min_articles: int = Field(8, ge=1, description="training articles that a country needs for a text model")
    unseen: bool = Field(True, description="countries without a training article can be given too")
    penalty: float = Field(0.3, gt=0, description="C of the ranker's logistic regression; larger fits closer")
    ranker_documents: int = Field(
        50_000, ge=100, description="training documents that the ranker learns from; more take memory and change little"
    )
    min_pairs: int = Field(3, ge=1, description="training pairs that a feature must occur in")
    folds: int = Field(5, ge=2, le=20, description="folds of the out-of-fold scores")
    borrowed: bool = Field(
        False, description="nothing is learned: countries go by the ranker that comes along; `regions: default` sets it"
    )


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CorpusSettings(BaseModel):
    """One labelled corpus: the name of its module in `pipeline.corpora`, and that module's own options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    corpus: str = Field(description="module of pipeline.corpora that reads it")
    train_only: bool = Field(
        False,
        description="its articles are only trained on: none is drawn for validation or test, nothing is judged on it",
    )

    calibrate: bool | tuple[str, ...] = Field(
        True,
        description="whether probabilities, thresholds and what may be published are set on its articles, or on those "
        "of which of its sources; false for articles of another kind than those that will be tagged",
    )
    weight: float = Field(1.0, gt=0, le=100, description="what an error on one of its articles costs in training")

    def calibrates_on(self, source: str) -> bool:
        """Whether probabilities and thresholds are set on the articles of this source of the corpus."""
        return self.calibrate if isinstance(self.calibrate, bool) else source in self.calibrate

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class PrepareSettings(Section):
    """How a corpus becomes splits."""

    split: Literal["stratified", "time", "own"] = Field(
        "stratified", description="stratified over labels and source, by date, or the corpus's own"
    )
    validation: float = Field(0.1, gt=0, lt=0.5, description="share of the documents for validation")
    test: float = Field(0.1, gt=0, lt=0.5, description="share for the test (a time split takes 0.15 unless set)")
    near_duplicates: float = Field(
        0.7, ge=0, le=1, description="Jaccard similarity of word 5-grams from which two texts are one; 0 keeps all"
    )
    min_characters: int = Field(20, ge=0, description="texts shorter than this, title included, are rejected")
    max_rejected: float = Field(0.5, ge=0, le=1, description="share of rejected rows from which prepare stops")

    @property
    def test_share(self) -> float:
        return 0.15 if self.split == "time" and "test" not in self.model_fields_set else self.test


class ThresholdSettings(Section):
    """Which tags are sure enough to publish unseen; whether a tag is given at all is tuned for F1."""

    precision: float = Field(
        PUBLISH_PRECISION, gt=0, lt=1, description="precision that tags marked 'publish' hold, label by label"
    )


class GateSettings(Section):
    """When a new model may become champion: judged by paired bootstrap against the champion, task by task."""

    split: Literal["validation", "test"] = Field(
        "validation", description="the documents that decide; the test split stays unseen by choices"
    )
    tolerance: float = Field(0.0, ge=0, description="micro-F1 that a task may lose beyond its 95 % interval")
    main_support: int = Field(30, ge=1, description="documents from which a label is a main label")
    label_drop: float = Field(0.05, ge=0, le=1, description="F1 that a main label may lose")
    fewest: int = Field(5, ge=0, description="documents of the split that the first champion must be judged on")
    automatic: bool = Field(
        True, description="a new model that passes becomes champion by itself if no task's micro-F1 is lower"
    )


class TrackingSettings(Section):
    """What MLflow is told."""

    experiment: str = Field("dateline", description="name of the MLflow experiment")
    registered_model: str = Field("", description="registered name; dateline-<name> when empty")


class Config(Section):
    """A whole configuration."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", description="names data/prepared/<name> and models/<name>")
    description: str = ""
    language: str = Field(
        "en",
        pattern=r"^[a-z]{2,5}$",
        description="ISO 639 code of the articles' language; multi for several, auto looks at the texts",
    )
    corpora: tuple[CorpusSettings, ...] = Field(min_length=1)
    vocabulary: Path | None = Field(
        None,
        description="CSV of topics (key, name, parent), or mediatopics for IPTC's whole tree; inferred when absent",
    )
    countries: Path = Field(Path("data/taxonomy/countries.csv"), description="CSV of countries and their groups")
    topic_words: Path | None = Field(
        Path("data/taxonomy/topic_words.csv"), description="CSV (key, words) of words that topics are known by"
    )
    region_codes: Path | None = Field(None, description="CSV (code, iso) of a corpus with region codes of its own")
    seed: int = Field(42, ge=0)
    jobs: int = Field(0, ge=0, description="processes; 0 takes the machine's cores")
    prepare: PrepareSettings = PrepareSettings()
    topics: TaggerSettings | None = Field(default_factory=TaggerSettings, description="null leaves the task out")
    regions: RegionSettings | None = Field(
        default_factory=RegionSettings,
        description="null leaves the task out; default takes the country tagger that comes along and learns nothing",
    )
    thresholds: ThresholdSettings = ThresholdSettings()
    refit: bool = Field(True, description="after validation, train the shipped model on validation articles as well")
    gate: GateSettings = GateSettings()
    tracking: TrackingSettings = TrackingSettings()

    @field_validator("vocabulary", mode="before")
    @classmethod
    def _whole_tree(cls, value: Any) -> Any:
        return MEDIATOPICS if value == "mediatopics" else value

    @field_validator("regions", mode="before")
    @classmethod
    def _ready_made(cls, value: Any) -> Any:
        return {"borrowed": True} if value == "default" else value

    @field_validator("corpora", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        items = value if isinstance(value, list | tuple) else [value]
        return [{"corpus": item} if isinstance(item, str) else item for item in items]

    @field_validator("corpora")
    @classmethod
    def _judged_on_one(cls, value: tuple[CorpusSettings, ...]) -> tuple[CorpusSettings, ...]:
        if all(settings.train_only for settings in value):
            raise ValueError("train_only holds for every corpus; at least one must be left to judge on")
        if not any(settings.calibrate for settings in value):
            raise ValueError("calibrate is false for every corpus; at least one must be left to calibrate on")
        return value

    @property
    def corpus_names(self) -> list[str]:
        """A name for each corpus, its module's; a second one of the same module is `files 2`."""
        modules = [settings.corpus for settings in self.corpora]
        counts = [modules[: place + 1].count(module) for place, module in enumerate(modules)]
        return [module if count == 1 else f"{module} {count}" for module, count in zip(modules, counts, strict=True)]

    @property
    def registered_model(self) -> str:
        return self.tracking.registered_model or f"dateline-{self.name}"

    @property
    def processes(self) -> int:
        """How many processes to work with."""
        return self.jobs or os.cpu_count() or 1

    def resolved(self) -> dict[str, Any]:
        """Every setting, defaults included, as plain YAML-able values."""
        return self.model_dump(mode="json")
