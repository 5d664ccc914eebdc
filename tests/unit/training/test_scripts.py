"""Training in scripts without blanks or without case, on the names of topics in Chinese and Arabic."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.config import TaggerSettings
from pipeline.features.compiled.batch import encode
from pipeline.features.language.reading import parted, tokens_in
from pipeline.features.texts import Articles, Text
from pipeline.features.tokens import fold
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import fit_tagger

TABLE = Path(__file__).parents[3] / "data" / "taxonomy" / "mediatopics.csv"
MIXED = [
    ("东京AI技术展", "ＡＩ技术和东京のテレビ。ﾃﾚﾋﾞ 在"),
    ("नई दिल्ली।", "प्रधानमंत्री ने हिन्दी में कहा। ०९"),
    ("กรุงเทพ", "นายกรัฐมนตรีไทยกล่าวว่า ABC 12"),
    ("", "မြန်မာနိုင်ငံ и Япония, l'été"),
]


def _names(language: str, above: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names of topics below two others, four a text, each with the topic above."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}

    def top(key: str) -> str:
        return top(rows[key]["parent"]) if rows[key]["parent"] else key

    found = []
    for code in above:
        names = [row[f"name_{language}"] for key, row in rows.items() if top(key).endswith(code)]
        names = [name for name in names if name and not name.isascii()]
        found += [(code, "，".join(names[at : at + 4])) for at in range(0, len(names) - 3, 4)]
    return found


@pytest.mark.parametrize("language", ["zh", "ar"])
def test_topics_are_learned_in_scripts_without_case_or_blanks(language: str) -> None:
    rows = _names(language, ("15000000", "04000000"))  # sport, economy
    known, unknown = rows[::2], rows[1::2]
    docs = encode([parted(language, "", text) for _, text in known])
    examples = Examples(docs, [[topic] for topic, _ in known])
    labels = sorted({topic for topic, _ in rows})
    tagger = fit_tagger(examples, labels, {}, TaggerSettings(folds=2), Run(language=language)).tagger
    scores = tagger.probabilities(Articles([tokens_in(language, Text(text)) for _, text in unknown]))
    given = [labels[column] for column in scores.argmax(axis=1)]
    right = np.mean([one == topic for one, (topic, _) in zip(given, unknown, strict=True)])
    assert len(unknown) > 20
    assert right > 0.8


@pytest.mark.parametrize(("title", "text"), MIXED)
def test_a_batch_reads_scripts_as_single_articles_do(title: str, text: str) -> None:
    docs, one = encode([parted("zh", title, text)]), tokens_in("zh", Text(text, title))
    words = [docs.lexicon.words[number] for number in docs.words.tolist()]
    assert words == one.title.words + one.body.words
    assert docs.shapes.tolist() == one.title.shapes + one.body.shapes
    plain = fold(text.translate(str.maketrans("'", " ")))
    assert [plain[start:end].lower() for start, end in one.body.spans] == one.body.words


def test_vowel_signs_stay_in_words_and_dandas_part_them() -> None:
    found = tokens_in("hi", Text("प्रधानमंत्री ने कहा।हिन्दी في مُحافَظة"))
    assert found.body.words == ["प्रधानमंत्री", "ने", "कहा", "हिन्दी", "في", "محافظة"]
