"""Texts in other languages before a model of English: the language told, countries by its names, nothing published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.common.article import REGIONS
from pipeline.common.errors import DataError
from pipeline.common.taxonomy import CountryNames
from pipeline.features.compiled.batch import encode
from pipeline.features.familiar import FamiliarWords
from pipeline.features.language.detection import language_of
from pipeline.features.language.inflected import gazetteer_of
from pipeline.features.language.places import country_names, languages, place_names
from pipeline.features.stems import stem
from pipeline.features.texts import _ENGLISH, Articles, tokens
from pipeline.prediction.predictor import PUBLISH, Predictor, Text
from pipeline.prediction.tagger import whole_text_of
from pipeline.prediction.tags import as_json

ITEMS = Path(__file__).parents[3] / "benchmarks" / "items" / "foreign_news.jsonl"
ROWS = [json.loads(line) for line in ITEMS.read_text(encoding="utf-8").splitlines()]


def test_the_countries_of_foreign_items_are_found_and_nothing_is_published(tiny: Predictor) -> None:
    found = missed = wrong = 0
    for row, given in zip(ROWS, tiny.predict([Text(row["text"], row["title"]) for row in ROWS]), strict=True):
        wanted, said = set(row["regions"]), {tag.code for tag in given.regions}
        found, missed, wrong = found + len(wanted & said), missed + len(wanted - said), wrong + len(said - wanted)
        assert given.language == row["language"], row["id"]
        assert PUBLISH not in {tag.decision for tag in given.topics} | {tag.decision for tag in given.regions}
        assert any(f"({row['language']})" in warning for warning in given.warnings)
    assert 2 * found / (2 * found + missed + wrong) > 0.85


@pytest.mark.parametrize("number", [0, 13, 34, 51])
def test_probabilities_explanations_and_batches_agree_with_predictions(tiny: Predictor, number: int) -> None:
    item = Text(ROWS[number]["text"], ROWS[number]["title"])
    told = tiny.predict([item])[0]
    assert told.regions
    decided = tiny.decisions(tiny.probabilities([item]))[REGIONS][0]
    labels = tiny.taggers[REGIONS].labels
    assert {labels[at] for at in decided.nonzero()[0]} == {tag.code for tag in told.regions}
    explained = tiny.explain(item)
    assert explained.prediction == told
    names = [piece.words for tag in explained.tags if tag.task == REGIONS for piece in tag.evidence]
    assert names
    assert all(name in f"{item.title}\n{item.text}" for name in names)
    english = Text("The Libyan parliament in Tripoli met on Monday, and it was the first time that it has.", "Libya")
    assert tiny.predict([english, item])[1] == told


def test_english_texts_need_no_detection(tiny: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.features.language.detection as detection

    monkeypatch.setattr(detection, "language_of", None)
    given = tiny.predict(["The port of Genoa was flooded on Monday, and the rain is to go on for three days."])[0]
    assert given.language == "en"
    assert as_json("a", given, tiny)["language"] == "en"


def test_words_that_the_model_has_often_seen_need_none_either(tiny: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.features.language.detection as detection

    model = whole_text_of(tiny.taggers.values())
    assert model
    known = [term for term in model.features.terms if len(term) > 3 and term.isalpha() and term.islower()]
    plain = [word for word in known if stem(word) == word and word not in _ENGLISH][:24]
    asked: list[str] = []

    def detected(text: str, *_: object) -> str:
        asked.append(text)
        return "xx"

    monkeypatch.setattr(detection, "language_of", detected)
    texts = [Text(" ".join(plain)), Text(" ".join(plain[:12] + ["qwxz"] * 12)), Text(" ".join([*plain, "naïve"]))]
    assert tiny.languages.of(texts, tiny.documents(texts)) == ["en", "xx", "xx"]
    assert asked == [f"\n{text.text}" for text in texts[1:]]
    familiar, docs = FamiliarWords(model.features), [("", text.text) for text in texts]
    assert familiar.of_batch(encode(docs)).tolist() == familiar.of_articles(Articles(map(tokens, texts))).tolist()


def test_a_headline_of_names_is_in_the_language_of_the_model(tiny: Predictor) -> None:
    for headline in ("Man Split Over Orange Deal", "Finnish PM Rinne falls over postal strike"):
        assert tiny.predict([headline])[0].language == "en"
        assert language_of(headline, "en") == "en" != language_of(headline)
    for text in ("Die Regierung in Berlin", "Le président est arrivé à Dakar", "Il governo a Roma"):
        assert language_of(text, "en") == language_of(text) != "en"


def test_a_text_of_figures_has_no_language(tiny: Predictor) -> None:
    assert language_of("12 345 67.8 % 2026-11-26 https://example.org/a/b") == ""
    assert tiny.predict(["12 345 67.8 2026-11-26 99 98 97"])[0].language == ""


def test_names_are_found_in_many_languages_and_forms(tiny: Predictor) -> None:
    from pipeline.prediction.region_tagger import RegionTagger

    assert len(languages()) > 80
    assert {name.code for name in place_names("de") if name.name == "Libyen"} == {"LY"}
    tagger = tiny.taggers[REGIONS]
    assert isinstance(tagger, RegionTagger)
    for language, text, code in (
        ("de", "Die libyschen Behörden", "LY"),
        ("fr", "les autorités libyennes", "LY"),
        ("fr", "L'Allemagne", "DE"),
        ("it", "nell'Ucraina", "UA"),
        ("tr", "Almanya'nın başkenti", "DE"),
        ("cs", "v Německu", "DE"),
        ("ru", "в Германии", "DE"),
        ("ar", "في مصر", "EG"),
        ("zh", "意大利外交部发言人周一表示", "IT"),
        ("ja", "首相はイタリアを訪問した", "IT"),
        ("th", "นายกรัฐมนตรีอิตาลีกล่าว", "IT"),
        ("hi", "इटली के प्रधानमंत्री ने कहा", "IT"),
    ):
        from pipeline.features.language.reading import tokens_in

        gazetteer = gazetteer_of((language,), tagger.gazetteer)
        assert gazetteer is not None
        found = gazetteer.find(gazetteer.read(tokens_in(language, Text(text))))
        codes = {gazetteer.labels[entry[0]] for mention in found for entry in gazetteer.entries[mention.name]}
        assert codes == {code}, (language, text)


def test_names_of_tags_are_told_in_a_language(tiny: Predictor) -> None:
    text = "The Libyan parliament in Tripoli met on Monday, and it was the first time that it has met."
    told = {tag.code: tag.name for tag in tiny.named("de").predict([text])[0].regions}
    assert told["LY"] == "Libyen"
    with pytest.raises(DataError, match="no names in 'xx'"):
        tiny.named("xx")


def test_label_columns_may_name_countries_in_any_of_the_languages() -> None:
    names = CountryNames(Path(__file__).parents[3] / "data" / "taxonomy" / "countries.csv")
    told = [(name, code) for language in languages() for code, name in country_names(language).items()]
    wrong = [(name, code, names.find(name)) for name, code in told if names.find(name) != code]
    assert len(told) > 25_000
    assert len(wrong) < 20, wrong  # some languages call two countries alike, or one by another's code
    assert (names.find("Elfenbeinküste"), names.find("தமிழ்"), names.find("இந்தியா")) == ("CI", None, "IN")
