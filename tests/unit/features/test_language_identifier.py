"""The identifier of languages that is read from its unpacked copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.features.compiled.language_ranks import CompiledIdentifier
from pipeline.features.language.detection import language_of
from pipeline.features.language.identifier import identifier

langid = pytest.importorskip("py3langid.langid")
TEXTS = (
    "Le gouvernement a annoncé une réforme des retraites.",
    "Der Bundestag hat das Gesetz beschlossen.",
    "The harbour was closed after the storm.",
    "Rais alisema kuwa serikali itajenga shule mpya.",
    "",
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache of the user, where the package itself can't be written."""
    (tmp_path / "file").touch()
    monkeypatch.setattr("pipeline.common.machine_folder.PACKAGE", tmp_path / "file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    identifier.cache_clear()
    yield tmp_path / "dateline"
    identifier.cache_clear()


def test_ranks_as_the_packed_one_does(kept: Path) -> None:
    packed = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    for _ in range(2):  # as it is unpacked, and as it is read again
        ranked = [identifier().rank(text) for text in TEXTS]
        assert ranked == [packed.rank(text) for text in TEXTS]
        identifier.cache_clear()
    assert list(kept.glob("languages-*/nextmove.npy"))


def test_the_compiled_one_finds_the_same() -> None:
    known = identifier()
    quick = CompiledIdentifier(known)
    for text in (*TEXTS, "THE HARBOUR WAS CLOSED", "a\u0301 la carte", "\ud800 half", "日本語の文章です。", "?" * 500):
        ranked = known.rank(text)
        for apart in (0.0, 8.0, 100.0):
            near = [label for label, value in ranked if value >= ranked[0][1] - apart]
            found = quick.nearly_best(text, apart)
            assert (found[0], sorted(found)) == (near[0], sorted(near))
        assert language_of(text, "en", compiled=True) == language_of(text, "en")


def test_a_damaged_copy_is_made_anew(kept: Path) -> None:
    ranked = identifier().rank(TEXTS[0])
    file = next(kept.glob("languages-*/nextmove.npy"))
    file.write_bytes(file.read_bytes()[:1000])
    identifier.cache_clear()
    assert identifier().rank(TEXTS[0]) == ranked
    assert file.stat().st_size > 1000
