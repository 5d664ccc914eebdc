"""Whether what tagging many texts calls was compiled by an earlier start, and from how many letters on that matters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.prediction.tagger import Tagger

MANY = 500_000  # letters after which loading what is kept has paid
LARGE = 2 * MANY  # of letters for which it pays at once
LONG = 3_000_000  # letters whose tagging lasts long enough to compile beside it
COSTLY = 20_000_000  # letters whose tagging takes as long without compiled functions as compiling them

_PACKAGE = __name__.partition(".")[0]
_PRODUCTS = f"{_PACKAGE}.prediction.batch_products"
_COUNTRIES = f"{_PACKAGE}.features.compiled.country_features"
_FOR_WORDS = (
    (f"{_PACKAGE}.features.compiled.scanner", "_scan"),
    (f"{_PACKAGE}.features.compiled.signs", "_look"),
    (f"{_PACKAGE}.features.compiled.term_counts", "_count"),
    (_PRODUCTS, "_rows_times"),
)
_FOR_NAMES = ((_COUNTRIES, "_find_pairs"), (_PRODUCTS, "_weighted_sums"))


def is_kept(taggers: Iterable[Tagger]) -> bool:
    """Whether all compiled functions that these taggers call are kept, and have only to be loaded."""
    from pipeline.features.compiled.kept import kept
    from pipeline.prediction.region_tagger import RegionTagger

    named = any(isinstance(tagger, RegionTagger) for tagger in taggers)
    return all(kept(*function) for function in (*_FOR_WORDS, *(_FOR_NAMES if named else ())))


def can_keep() -> bool:
    """Whether there is a folder for what is compiled."""
    from pipeline.features.compiled.kept import folder_of

    return bool(folder_of(_COUNTRIES))
