"""The settings of the region tagger: the `regions:` section of a configuration."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.taggers.settings import TaggerSettings


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
