"""The settings of a linear multi-label tagger: the `topics:` section of a configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
