"""Eighty columns are enough: no word of a help is broken."""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from train import app

COLUMNS = 80


def commands(group: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words that call each command, those of groups included."""
    inner = getattr(group, "commands", {})
    return [before, *(words for name, one in inner.items() for words in commands(one, (*before, name)))]


@pytest.mark.parametrize("words", commands(get_command(app)), ids=" ".join)
def test_helps_are_broken_between_words(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {}
    for columns in (COLUMNS, 400):
        monkeypatch.setenv("COLUMNS", str(columns))
        shown[columns] = CliRunner().invoke(app, [*words, "--help"], terminal_width=columns).output
    assert max(map(len, shown[COLUMNS].splitlines())) <= COLUMNS
    assert shown[400].split() == shown[COLUMNS].split(), "a word is broken, or a command's line is too long"
