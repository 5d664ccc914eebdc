"""Texts that are told to be plain articles without a closer look have no remark."""

from __future__ import annotations

import random

from pipeline.features.compiled.signs import remarkable
from pipeline.features.forms import remarks

LINES = (
    "Storm Floods Port of Genoa", "two dead as bridge collapses", "- Shares Slide After Rate Rise in Japan", "",
    "Heavy rain flooded the port of Genoa on Monday, the mayor said. Schools stayed shut.", "Net 1.2 vs 3",
    "18:40 Rovers beat United", "HOST: How is the mood?", "REPORTER: Tense, I would say.", "Q: And then?", "Q. Why?",
    "Ann Hale: He wants to talk.", "A. It rained.", "[00:01:11] HOST: Welcome.", "00:00:01,000 --> 00:00:02,900",
    ">> Welcome back.", "(APPLAUSE)", "Ελλάδα: ναι.", "It [b]rained[/b] in [[Genoa]].", "## Storm", "</p>",
    "**It** rained in [Genoa](/genoa).", "{{cite}} == Storm ==", '{"words": 4, "head": "Storm"}', "\ud800 :",
    r"\section{Storm} \emph{rained}", "Rain | Storm | Wind | Snow", "One • Two • Three • Four", "x" * 90 + ": y",
    "\u2022 Minister Resigns Over Loan Scandal", "١٢:٣٠ Storm in Cairo", "“So it is.” HOST: Yes.",
)  # fmt: skip


def test_what_is_passed_over_has_no_remark() -> None:
    dice = random.Random(1)
    ends = ("\n", "\n", "\n\n", " ", " | ", "\u00a0|\u00a0", " // ", " *** ", "\r\n")
    texts = list(LINES) + [
        "".join(dice.choice(LINES[dice.randrange(3) :: 3]) + dice.choice(ends) for _ in range(dice.randrange(24)))
        for _ in range(3000)
    ]
    texts += [dice.choice(ends).join([dice.choice(LINES)] * dice.randrange(1, 9)) for _ in range(1000)]
    told = [bool(remarks(text)) for text in texts]
    assert sum(told) > len(texts) / 5
    looked_at = remarkable(texts).tolist()
    assert [text for text, one, odd in zip(texts, told, looked_at, strict=True) if one and not odd] == []


def test_articles_are_passed_over() -> None:
    article = (
        "Heavy rain flooded the port of Genoa on Monday, the city's mayor said.\nSchools stayed shut: he was sure."
    )
    assert remarkable([article, article.replace("\n", " "), "", "\n".join(LINES[:1] * 5)]).tolist() == [False] * 3 + [
        True
    ]
    assert not len(remarkable([]))
