"""Bad training sets through `train.py train`: it trains something sensible, or says in one line why it can't."""

from __future__ import annotations

import json
import random
import resource
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import Result

from pipeline.prediction.predictor import load_predictor
from support.commands import invoke, run

WORDS = {
    "storm": "storm flood rain wind river dam damage shelter rescue warning",
    "football": "match goal striker league coach penalty stadium season defender trophy",
    "economy": "bank inflation rates market shares profit budget exports investors debt",
}
NAMES = list(WORDS)


def articles(count: int, **more: Any) -> list[dict[str, Any]]:
    """Articles of three topics in turn, each with words of its own."""
    chance = random.Random(count)
    made = []
    for number in range(count):
        topic = NAMES[number % 3]
        text = " ".join([*chance.choices(WORDS[topic].split(), k=30), *(f"w{chance.random():.9f}" for _ in range(8))])
        made.append({"id": f"{topic}-{number}", "title": f"About {number}", "text": text, "topics": [topic], **more})
    return made


def configured(folder: Path, rows: list[dict[str, Any]]) -> None:
    """A project's configuration and file of rows."""
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = {"columns": {"split": "split"}} if "split" in rows[0] else {}
    corpus = {"corpus": "files", "path": "rows.jsonl", "separator": ";", **own}
    config: dict[str, Any] = {"name": "bad", "corpora": [corpus], "regions": None, "jobs": 1, "topics": {"folds": 3}}
    config["prepare"] = {"split": "own"} if own else {}
    (folder / "bad.yaml").write_text(yaml.safe_dump(config))


def train(folder: Path, rows: list[dict[str, Any]]) -> Result:
    """Run `train` on the rows."""
    configured(folder, rows)
    return invoke("train", "--config", "bad.yaml")


def same(count: int, text: str) -> list[dict[str, Any]]:
    return [{"id": str(number), "text": text, "topics": [NAMES[number % 3]]} for number in range(count)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (articles(1), "1 different articles are too few to split"),
        (articles(2), "2 different articles are too few to split"),
        ([row | {"topics": ["news"]} for row in articles(40)], "all articles have the same labels"),
        ([row | {"topics": []} for row in articles(40)], "no article of the training split has a label"),
        ([row | {"topics": None} for row in articles(40)], "the article has neither topics nor regions"),
        (same(40, "\u200b\u00ad\x01" * 30), "the text has fewer than 20 characters"),
        (same(40, "The same text of an article in each row of the file."), "1 different articles are too few"),
        (same(40, "--- ??? !!! ... --- *** --- ???"), "1 different articles are too few"),
        (articles(40, split="test"), "no article is in the split train"),
        (articles(40, split="train"), "no article is in the split test"),
    ],
    ids=["one document", "two", "one label", "no label", "unlabelled", "nothing left", "all equal", "no words",
         "only a test split", "no test split"],
)  # fmt: skip
def test_nothing_to_learn_is_told_in_one_line(project: Path, rows: list[dict[str, Any]], reason: str) -> None:
    done = train(project, rows)
    said = [line for line in done.stderr.splitlines() if line.startswith("dateline: ")]
    assert (done.exit_code, len(said)) == (2, 1), done.output
    assert reason in said[0]
    assert not (project / "models" / "bad").exists()


def test_labels_too_frequent_too_rare_and_never_seen_do_not_keep_the_others_from_being_learned(project: Path) -> None:
    rows = [row | {"topics": [*row["topics"], "always"], "split": "train"} for row in articles(90)]
    rows[0]["topics"] = ["once", "always"]
    for number, row in enumerate(articles(61)[1:]):
        row["topics"] += ["always", *(["never"] if number % 2 else [])]
        rows.append(row | {"id": f"other-{number}", "split": "validation" if number < 30 else "test"})
    done = train(project, rows)
    assert done.exit_code == 0, done.output
    scores = json.loads((project / "models/bad/predictor.json").read_text())["tasks"]["topics"]["scores"]["test"]
    assert 0.7 < scores["micro_f1"] < 1  # "never" is missed
    predictor = load_predictor(project / "models/bad")
    for topic, words in WORDS.items():
        assert {tag.key for tag in predictor.predict([words])[0].topics} == {topic, "always"}


def test_ten_documents_are_enough_to_try(project: Path) -> None:
    done = train(project, articles(10))
    assert done.exit_code == 0, done.output
    assert load_predictor(project / "models/bad").predict([WORDS["storm"]])


def many(count: int) -> list[dict[str, Any]]:
    """As many labels as articles, each with one."""
    text = "Word{0} and other{0} with thing{0} were seen by people on that day in place{0}, it was said."
    return [{"id": str(number), "text": text.format(number), "topics": [f"l{number}"]} for number in range(count)]


def test_as_many_labels_as_articles_end_and_fit_into_memory(project: Path) -> None:
    """In a process of its own, so that its memory can be looked at."""
    configured(project, many(400))
    done = run(project, "train", "--config", "bad.yaml")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 8 << 20  # kilobytes
    assert len(load_predictor(project / "models/bad").predict(["Word7 and other7 with thing7"])[0].topics) <= 1
