"""Training in other languages: terms, and a German model from end to end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from snowballstemmer import stemmer

from pipeline.common.article import Article
from pipeline.common.config import Config
from pipeline.common.progress import Progress
from pipeline.corpora import masakhanews
from pipeline.features.compiled.batch import encode
from pipeline.features.language.reading import parted, tokens_in
from pipeline.features.language.stemming import stemmer_of
from pipeline.features.language.terms import LanguageTerms
from pipeline.features.texts import Articles, Text
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.prediction.topic_tagger import _features
from pipeline.training.train import train

SPORT = (
    "Der Verein gewann das Spiel gegen {} mit drei Toren, und die Fans feierten den Trainer die ganze Nacht.",
    "Die Mannschaft aus {} verlor das Endspiel, der Stürmer verschoss einen Elfmeter und der Trainer war enttäuscht.",
)
MONEY = (
    "Die Bank in {} erhöht die Zinsen, und die Aktien fielen an der Börse, weil die Anleger eine Rezession fürchten.",
    "Der Konzern aus {} meldet mehr Gewinn, der Umsatz stieg um ein Zehntel, und die Aktien legten an der Börse zu.",
)
TOWNS = ["Bremen", "Mainz", "Kassel", "Leipzig", "Dresden", "Aachen", "Bonn", "Essen", "Hamm", "Trier", "Ulm", "Fulda"]


def _rows() -> list[dict[str, object]]:
    told = [("sport", SPORT), ("wirtschaft", MONEY)]
    return [
        {"id": f"{topic}{number}{town}", "title": f"Meldung aus {town}", "text": text.format(town), "topics": [topic]}
        for topic, texts in told
        for number, text in enumerate(texts)
        for town in TOWNS
    ]


@pytest.mark.parametrize(("stems", "pieces"), [(False, (0, 0)), (True, (0, 0)), (True, (3, 5))])
def test_batches_and_single_articles_have_the_same_rows_before_and_after_saving(
    stems: bool, pieces: tuple[int, int]
) -> None:
    texts = [(str(row["title"]), str(row["text"])) for row in _rows()] + [("", ""), ("हिन्दी", "प्रधानमंत्री l'été")]
    docs = encode([parted("de", *text) for text in texts])
    features = LanguageTerms("de", stems, pieces).fit(docs)
    assert features.terms
    again = _features(features.state())
    single = again.transform(Articles([tokens_in("de", Text(text, title)) for title, text in texts]))
    for one, other in zip(features.transform(docs), single, strict=True):
        assert np.array_equal(one, other)


def test_a_german_model_reads_german_and_tells_english_apart(tmp_path: Path) -> None:
    path = tmp_path / "deutsch.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _rows()))
    settings = {
        "name": "deutsch",
        "language": "auto",
        "corpora": [{"corpus": "files", "path": str(path)}],
        "prepare": {"near_duplicates": 0},
        "topics": {"folds": 2},
        "regions": None,
        "jobs": 1,
    }
    found = train(Config.model_validate(settings), tmp_path / "data", tmp_path / "models", Progress())
    predictor = load_predictor(found.folder)
    assert predictor.languages.model == "de"
    german = Text("Der Trainer lobte seine Spieler nach dem Sieg im Stadion, und die Fans feierten die Tore.")
    english = Text("The coach praised his players after the win at the stadium, and it was the first of the year.")
    told, other = predictor.predict([german, english])
    assert (told.language, [tag.key for tag in told.topics]) == ("de", ["sport"])
    assert told.warnings == ("regions: this model was not trained for them",)
    assert other.language == "en"
    assert any("English (en), the model reads German" in warning for warning in other.warnings)
    assert predictor.explain(german).prediction == told


COUNTRIES = {
    "Libyen": ("LY", "libyschen", "Tripolis"), "Schweiz": ("CH", "schweizerischen", "Bern"),
    "Italien": ("IT", "italienischen", "Rom"), "Polen": ("PL", "polnischen", "Warschau"),
    "Türkei": ("TR", "türkischen", "Ankara"), "Ägypten": ("EG", "ägyptischen", "Kairo"),
}  # fmt: skip


def _of_countries() -> list[dict[str, object]]:
    """Articles about one country each, with another one named late in some."""
    rows = []
    names = list(COUNTRIES)
    for number, (name, (_, people, capital)) in enumerate(COUNTRIES.items()):
        other = names[number - 1]
        for topic, texts in (("sport", SPORT), ("wirtschaft", MONEY)):
            for text in texts:
                more = f" Das teilten die {people} Behörden in {capital} mit. Zuvor hatte es in {other} Streit gegeben."
                rows.append({"title": f"{name}: Meldung", "text": text.format(capital) + more, "topics": [topic],
                             "countries": name})  # fmt: skip
    return [{"id": str(number), **row} for number, row in enumerate(rows)]


def _german(tmp_path: Path, rows: list[dict[str, object]], **more: object) -> Predictor:
    path = tmp_path / "deutsch.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings: dict[str, object] = {
        "name": "deutsch",
        "language": "de",
        "corpora": [{"corpus": "files", "path": str(path)}],
        "prepare": {"near_duplicates": 0},
        "topics": {"folds": 2},
        "jobs": 1,
        **more,
    }
    found = train(Config.model_validate(settings), tmp_path / "data", tmp_path / "models", Progress())
    return load_predictor(found.folder)


LIBYAN = Text("Die libysche Regierung hat am Montag in Tripolis über Öl beraten, wie die Bank und die Börse melden.")


def test_countries_of_a_german_export_are_learned_from_their_german_names(tmp_path: Path) -> None:
    predictor = _german(tmp_path, _of_countries(), regions={"folds": 2})
    given = predictor.predict([LIBYAN])[0]
    assert [tag.code for tag in given.regions] == ["LY"]
    assert predictor.description["tasks"]["regions"]["scores"]["test"]["micro_f1"] > 0.8
    assert "F1" in predictor.description["tasks"]["regions"]["note"]
    tagger = predictor.taggers["regions"]
    texts = [("Schweizer Banken", "Die Schweizer Börse gab nach, in Italiens Hauptstadt stieg sie."), ("", LIBYAN.text)]
    single = tagger.probabilities(Articles([tokens_in("de", Text(text, title)) for title, text in texts]))
    batch = tagger.probabilities(encode([parted("de", *text) for text in texts]))
    assert single.any()
    assert np.allclose(single, batch, atol=1e-12)


def test_countries_without_labels_are_transferred_and_said_to_be(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "countries"} for row in _of_countries()]
    predictor = _german(tmp_path, rows)
    assert [(tag.code, tag.decision) for tag in predictor.predict([LIBYAN])[0].regions] == [("LY", "review")]
    english = predictor.predict(["The Libyan parliament met on Monday, and it was the first time that it has met."])[0]
    assert (english.language, [tag.code for tag in english.regions]) == ("en", ["LY"])
    assert "transferred, not learned" in predictor.description["tasks"]["regions"]["note"]
    assert "transferred, not learned" in (tmp_path / "models" / "deutsch" / "MODEL_CARD.md").read_text()


def test_several_languages_in_one_model_bring_the_names_of_each(tmp_path: Path) -> None:
    french: list[dict[str, object]] = [
        {"id": f"f{number}", "title": "Brèves", "topics": ["wirtschaft"], "countries": "Libye",
         "text": f"La banque de Tripoli a relevé ses taux de {number} points, et les actions ont baissé à la bourse."}
        for number in range(8)
    ]  # fmt: skip
    predictor = _german(tmp_path, [*_of_countries(), *french], language="multi", regions={"folds": 2})
    told = Text("Les autorités libyennes et le gouvernement de la Libye ont annoncé lundi une hausse des taux.")
    assert [tag.code for tag in predictor.predict([told])[0].regions] == ["LY"]
    assert [tag.code for tag in predictor.predict([LIBYAN])[0].regions] == ["LY"]


def test_threads_share_a_stemmer() -> None:
    stem = stemmer_of("fr")
    assert stem
    parts = "gouvern", "annonc", "yeux", "tripolit", "ement", "ait", "aine", "ions"
    words = [one + two + three for one in parts for two in parts for three in parts]
    alone = list(map(stemmer("french").stemWord, words))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stem, words)) == alone


def test_masakhanews_is_read_as_it_is_published(tmp_path: Path) -> None:
    for split in ("train", "dev", "test"):
        rows = 'category\theadline\ttext\turl\nsports\tA, B\t"Two\nlines"\thttps://a.example\n\tno\tcategory\t\n'
        (tmp_path / f"som.{split}.tsv").write_text(rows)
    found = list(masakhanews.read(masakhanews.Options(subset="som", path=str(tmp_path)), tmp_path))
    good = [row for row in found if isinstance(row, Article)]
    assert [(row.split, row.topics, row.text) for row in good] == [
        (split, ["sports"], "Two\nlines") for split in ("train", "validation", "test")
    ]
    assert len(found) == 6
