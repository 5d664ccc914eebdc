"""What is wrong with a setting or an option is said without the words of the library that found it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.config_file import load_config
from pipeline.common.errors import ConfigError
from support.commands import invoke, refused
from support.projects import ROOT

LIBRARIES = ("Input should", "valid ", "pydantic", "pathlib", "Value error", "instance of", "validation")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("seed=-1", "'seed' must be at least 0, not -1"),
        ("topics.penalty=-3", "'topics.penalty' must be more than 0, not -3"),
        ("topics.penalty=abc", "'topics.penalty' must be a number, not 'abc'"),
        ("jobs=1.5", "must be a whole number, not 1.5"),
        ("prepare.split=tim", "must be 'stratified', 'time' or 'own', not 'tim'"),
        ("topics=5", "must be a mapping of settings"),
        ("corpora=[]", "'corpora' must have at least 1 of them"),
        ("regions=defaults", "must be a mapping of settings"),
        ("refit=maybe", "'refit' must be true or false, not 'maybe'"),
        ("description=5", "must be a text, not 5"),
        ("name=A B", "'name' must have the form"),
    ],
)
def test_settings(setting: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(ROOT / "configs" / "news.yaml", [setting])
    assert said in str(caught.value)
    assert not [word for word in LIBRARIES if word in str(caught.value)]


def test_broken_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: x\ncorpora: [\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:3: not valid YAML: a bracket, quote or colon is amiss"):
        load_config(tmp_path / "a.yaml", [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("predict", "-j", "x", "a"), "must be a whole number"),
        (("serve", "--port", "99999"), "must be at most 65535"),
        (("predict", "--engine", "foo", "a"), "is not one of 'local', 'dask'"),
        (("monitor", "-n", "0"), "must be at least 1"),
    ],
)
def test_options(arguments: tuple[str, ...], said: str) -> None:
    line = refused(invoke(*arguments), said)
    assert not [word for word in LIBRARIES if word in line.replace("Invalid value", "")]
