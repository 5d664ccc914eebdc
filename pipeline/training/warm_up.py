"""Compiling in good time: everything that a training calls, by fitting a few small articles, in a process beside it."""

from __future__ import annotations

from pathlib import Path

from pipeline.features.compiled.kept import folder_of, kept

_LAST = (("features.compiled.country_features", "_find_pairs"), ("training.svm_loops", "walk"))
_STORIES = (
    (
        "Storm floods {0}",
        "Heavy rain flooded ports of {0}. Anna Smith, who lives there, told of the night. Smith left.",
    ),
    ("Bank of {0} cuts rates", "The bank in {0} lowered rates. Growth was slow, John Miller of the bank said."),
)
_PLACES = {"FR": "France", "DE": "Germany", "JP": "Japan"}
_TIMES = 4


def is_compiled() -> bool:
    """Whether an earlier start has kept the compiled functions that take longest; also where nothing can be kept."""
    room = __name__.partition(".")[0]
    return all(kept(f"{room}.{module}", name) or not folder_of(f"{room}.{module}") for module, name in _LAST)


def compile_all(gazetteer: Path | None = None) -> None:
    """Call all compiled functions of a training and of the tagging that follows, so that they are kept."""
    from pipeline.common.config import RegionSettings, TaggerSettings
    from pipeline.features.compiled.batch import encode
    from pipeline.features.compiled.shingles import signatures
    from pipeline.features.language.detection import language_of
    from pipeline.features.terms import TermFeatures
    from pipeline.features.unknown_terms import UnknownTerms
    from pipeline.training.examples import Examples
    from pipeline.training.fit_regions import fit_regions
    from pipeline.training.fit_topics import fit_tagger

    signatures(["Near-duplicates come first."], 1)
    settings = RegionSettings(text_min_articles=2, **({"gazetteer": gazetteer} if gazetteer else {}))
    stories = [
        (number % len(_STORIES), code, place)
        for number in range(_TIMES * len(_STORIES))
        for code, place in _PLACES.items()
    ]
    texts = [(title.format(place), text.format(place)) for at, _, place in stories for title, text in (_STORIES[at],)]
    docs = encode(texts)
    docs.read_by(UnknownTerms(TermFeatures()))
    language_of(texts[0][1], compiled=True)
    fit_tagger(Examples(docs, [[f"story {at}"] for at, _, _ in stories]), ["story 0", "story 1"], {}, TaggerSettings())
    fitted = fit_regions(Examples(docs, [[code] for _, code, _ in stories]), settings)
    fitted.tagger.probabilities(encode(texts))
