"""Configurations: what is refused, and what the message says to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.config_file import load_config, parse_config
from pipeline.common.errors import ConfigError
from support.projects import ROOT


def _load(tmp_path: Path, text: str, *overrides: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    load_config(path, list(overrides))


def test_every_configuration_that_is_shipped_is_valid() -> None:
    paths = sorted((ROOT / "configs").glob("*.yaml"))
    assert {load_config(path).name for path in paths} >= {"news"}


def test_an_override_reaches_into_sections_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: a\ncorpora: [bbcnews]\n")
    config = load_config(path, ["prepare.split=time", "corpora.0.labels=x.csv", "topics.penalty=0.5", "regions=null"])
    assert config.prepare.split == "time"
    assert config.prepare.test_share == 0.15
    assert config.corpora[0].options == {"labels": "x.csv"}
    assert config.topics is not None
    assert config.topics.penalty == 0.5
    assert config.regions is None


@pytest.mark.parametrize(
    ("text", "overrides", "said"),
    [
        ("name: a\ncorpora: [x]\nsede: 3\n", (), "unknown key 'sede'; did you mean 'seed'?"),
        ("name: a\ncorpora: [x]\n", ("prepare.spilt=time",), "did you mean 'split'?"),
        ("name: a\ncorpora: [x]\n", ("topics.penalti=1",), "did you mean 'penalty'?"),
        ("name: a\ncorpora: [x]\n", ("prepare.split=tme",), "'prepare.split'"),
        ("name: a\ncorpora: [x]\n", ("seed",), "write it as dotted.key=value"),
        ("name: a\ncorpora: [x]\n", ("corpora.3.a=1",), "no position in a list of 1"),
        ("name: a\ncorpora: []\n", (), "'corpora'"),
        ("name: ../a\ncorpora: [x]\n", (), "'name'"),
        ("corpora: [x]\n", (), "'name' is missing"),
        ("a: [\n", (), ":2: not valid YAML"),
        ("- a\n", (), "a configuration is a mapping"),
        ("a: !!python/object/apply:os.system ['true']\n", (), "not valid YAML"),
    ],
)
def test_mistakes_are_one_line_that_says_what_to_do(
    tmp_path: Path, text: str, overrides: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text, *overrides)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_configuration_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"news\.yaml"):
        load_config(ROOT / "configs" / "nothing.yaml")


def test_a_corpus_says_which_of_its_sources_are_calibrated_on() -> None:
    corpora = [{"corpus": "newsarticles", "calibrate": ["tass.com"]}, {"corpus": "worldwire", "calibrate": False}]
    news, written = parse_config({"name": "one", "corpora": corpora}, "test").corpora
    assert news.calibrates_on("tass.com")
    assert not news.calibrates_on("cnn.com")
    assert not written.calibrates_on("worldwire")


@pytest.mark.parametrize("key", ["calibrate", "train_only"])
def test_a_corpus_must_be_left_to_judge_and_calibrate_on(key: str) -> None:
    corpora = [{"corpus": "worldwire", key: key == "train_only"}]
    with pytest.raises(ConfigError, match="at least one must be left"):
        parse_config({"name": "one", "corpora": corpora}, "test")


def test_two_corpora_of_one_kind_have_names_of_their_own() -> None:
    corpora = [{"corpus": "files", "path": "a.csv"}, "worldwire", {"corpus": "files", "path": "b.csv"}]
    config = parse_config({"name": "one", "corpora": corpora}, "test")
    assert config.corpus_names == ["files", "worldwire", "files 2"]
