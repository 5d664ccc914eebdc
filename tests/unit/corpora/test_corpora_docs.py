"""The page about corpora: its example works, and it leaves no corpus and no option out."""

from __future__ import annotations

import re
import subprocess
import types
import zipfile
from pathlib import Path

import pytest
import yaml

from pipeline import corpora
from pipeline.common.article import Article
from pipeline.common.config_file import parse_config
from support.projects import ROOT

PAGE = (ROOT / "docs/corpora.md").read_text(encoding="utf-8")


def test_every_corpus_is_there() -> None:
    for name in corpora.names():
        assert f"`{name}`" in PAGE, name


def test_every_configuration_of_the_project_is_there() -> None:
    """Those that users have made with `init` are none of the project's: git does not know them."""
    listed = subprocess.run(["git", "ls-files", "configs"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no clone of the repository")
    for config in map(Path, listed.stdout.split()):
        assert f"`{config.stem}`" in PAGE, config


def test_the_example_corpus_works(tmp_path: Path) -> None:
    section = PAGE.partition("## Adding a corpus")[2]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (text,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    module = types.ModuleType("folders")
    exec(compile(code, "folders.py", "exec", dont_inherit=True), module.__dict__)
    module.Options.model_rebuild(_types_namespace=module.__dict__)
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        archive.writestr("sport/1.txt", "A goal decided the match.")
    config = parse_config(yaml.safe_load(text), "docs")
    options = module.Options(**config.corpora[0].options | {"location": str(tmp_path / "texts.zip")})
    assert len(module.fetch(options, tmp_path)) == 1
    (article,) = module.read(options, tmp_path)
    assert isinstance(article, Article)
    assert (article.id, article.topics) == ("sport/1.txt", ["sport"])
