"""Remarks on texts that are no plain articles."""

from __future__ import annotations

import time

import pytest

from pipeline.features.forms import HEADLINES, HTML, TRANSCRIPT, remarks
from pipeline.features.texts import as_text
from pipeline.prediction.predictor import Predictor

ARTICLE = (
    "Heavy rain flooded the port of Genoa on Monday, the city's mayor said.\nSchools stayed shut: the water stood a "
    'metre high in the old town, and "nobody should drive", the police warned.\nBuses run again from Tuesday.'
)
TITLES = (
    "Storm Floods Port of Genoa", "Minister Resigns Over Loan Scandal", "Rovers beat United in cup final",
    "Two dead as bridge collapses near Lyon", "Shares slide after central bank raises rates",
)  # fmt: skip
TURNS = (
    ("HOST", "Welcome back. With me is our man in Nairobi. How is the mood?"), ("CORRESPONDENT", "Tense, I would say."),
    ("HOST", "And the president?"), ("CORRESPONDENT", "He wants to talk. (CROSSTALK)"), ("HOST", "Thank you."),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(TITLES),
        "\n".join(f"- {title}" for title in TITLES),
        "\n".join(f"{number}. {title}" for number, title in enumerate(TITLES, 1)),
        "\n".join(f"18:4{number} {title}" for number, title in enumerate(TITLES)),
        "\n\n".join(TITLES),
        " | ".join(TITLES),
        " • ".join(TITLES),
    ],
)
def test_a_list_of_headlines_is_called_one(text: str) -> None:
    assert remarks(text) == (HEADLINES,)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{who}: {said}" for who, said in TURNS),
        " ".join(f"{who}: {said}" for who, said in TURNS),
        "\n".join(f"**{who.title()}:** {said}" for who, said in TURNS),
        "\n".join(f"[00:0{number}:11] {who}: {said}" for number, (who, said) in enumerate(TURNS)),
        "\n".join(f"{'QA'[number % 2]}: {said}" for number, (_, said) in enumerate(TURNS)),
        "\n".join(f"{'QA'[number % 2]}. {said}" for number, (_, said) in enumerate(TURNS)),
        "\n".join(f"Sen. Ann {'Hale' if who == 'HOST' else 'Cole (R-TX)'}:\n{said}" for who, said in TURNS),
        "\n".join(f"0{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{said}\n" for n, (_, said) in enumerate(TURNS)),
        "\n".join(f">> {said}" for _, said in TURNS),
    ],
)
def test_a_transcript_is_called_one(text: str) -> None:
    assert TRANSCRIPT in remarks(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'''Genoa''' is a port in [[Italy]].\n== Storm ==\nIt rained in the [[Old Town|old town]].", "wiki"),
        ("## Storm\n\nIt **rained** in [Genoa](https://example.org/genoa) and the **port** was shut.", "Markdown"),
        ("It [b]rained[/b] in Genoa, [url=https://example.org]they[/url] say.", "BBCode"),
        ("<nitf><hedline>Storm</hedline><body.content>It rained in Genoa.</body.content></nitf>", "XML"),
        ('{"headline": "Storm", "body": "It rained in Genoa.", "words": 4}', "JSON"),
        (r"\section{Storm} It \emph{rained} in Genoa.", "LaTeX"),
    ],
)
def test_markup_that_stays_is_named(text: str, kind: str) -> None:
    assert any(kind in one for one in remarks(text))


def test_html_is_taken_out_and_said_to_have_been(tiny: Predictor) -> None:
    for text in (f"<p>{ARTICLE}</p><p>More rain.</p>", f"Storm<br/>\n{ARTICLE}"):
        (found,) = tiny.predict([as_text(text)])
        assert HTML in found.warnings
        assert HTML in tiny.explain(text).prediction.warnings
    assert HTML not in tiny.predict([as_text({"title": "Q&amp;A", "text": "Profit &lt; loss. " + ARTICLE})])[0].warnings


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        ARTICLE.replace("\n", " "),
        "Key facts\nPort: Genoa\nMayor: Marco Bucci\nRain: 40 centimetres\nDead: none\n" + ARTICLE,
        "Shr 34 cts vs 1.19 dlrs\nNet 807,000 vs 2,858,000\nRevs 1.5 mln vs 3.4 mln\nNOTE: Bank merged.",
        "The storm that came from the\nsouth on Monday has flooded the\nport of Genoa and the old town,\nhe said.",
        "#flood #genoa It rains * again [sic] in the port {and} nobody drives, says a < b.",
        "",
    ],
)
def test_nothing_is_said_of_an_article(text: str) -> None:
    assert remarks(text) == ()


@pytest.mark.parametrize(
    "part",
    ["A: ", "A:\n", "[", "[[", "**", "A b c\n", "(", ">> ", '{"a": ', "12:00\n", "=="],
)
def test_time_grows_with_the_length(part: str) -> None:
    start = time.process_time()
    remarks(part * 20_000)
    short = time.process_time() - start
    start = time.process_time()
    remarks(part * 80_000)
    assert time.process_time() - start < 16 * short + 1
