"""Lines of answers written from parts: byte for byte what the whole way writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.features.texts import Text
from pipeline.prediction.bulk.answer_lines import AnswerLines
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import as_json
from pipeline.rows.writer import json_text
from support.articles import STORM

TEXTS = [STORM, Text("Fire."), Text("?!"), Text("goal match striker league Tripoli"), Text("Ein Sturm in Libyen. " * 9)]


@pytest.mark.parametrize("name", ["7", 'quo"te', "line\u2028 \x1b[31m", "é\ud83d\ude00", ""])
def test_each_line_is_that_of_the_answer(tiny: Predictor, name: str) -> None:
    lines = AnswerLines(tiny)
    for prediction, written in zip(tiny.predict(TEXTS) * 2, lines.tagged(TEXTS) * 2, strict=True):
        line = json_text(as_json(name, prediction, tiny)) + "\n"
        assert (lines.line(name, prediction), lines.line(name, written)) == (line, line)


def test_decisions_and_scores_are_each_tags_own(tiny: Predictor) -> None:
    lines, (found,) = AnswerLines(tiny), tiny.predict([STORM])
    for decision in ("publish", "review"):
        for score in (0.0, 1.0, 0.12345, 1e-7):
            changed = replace(found, topics=tuple(replace(tag, score=score, decision=decision) for tag in found.topics))
            assert lines.line("1", changed) == json_text(as_json("1", changed, tiny)) + "\n"
