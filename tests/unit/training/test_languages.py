"""Training in other languages: terms, and a German model from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.article import Article
from pipeline.common.config import Config
from pipeline.common.progress import Progress
from pipeline.corpora import masakhanews
from pipeline.features.compiled.batch import encode
from pipeline.features.language.reading import parted, tokens_in
from pipeline.features.language.terms import LanguageTerms
from pipeline.features.texts import Articles, Text
from pipeline.prediction.predictor import load_predictor
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
    assert (told.language, [tag.key for tag in told.topics], told.warnings) == ("de", ["sport"], ())
    assert other.language == "en"
    assert any("English (en), the model reads German" in warning for warning in other.warnings)
    assert predictor.explain(german).prediction == told


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
