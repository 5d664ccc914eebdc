"""One service of an English and a German model: each text goes to the model of its language."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.articles import STORM
from support.commands import invoke, refused, wait_until
from support.models import train_german, train_predictor
from support.servers import start_service

pytest.importorskip("fastapi", reason="the extra serve is not installed")
httpx = pytest.importorskip("httpx")

GERMAN = {
    "id": "de",
    "text": "Der Verein der libyschen Hauptstadt gewann das Spiel in Tripolis, und der Trainer feierte mit den Fans.",
}
FRENCH = {
    "id": "fr",
    "text": "Le gouvernement libyen a annoncé lundi à Tripoli une hausse des prix de l'essence dans le pays.",
}
ENGLISH = {"id": "en", "text": STORM.text}


@pytest.fixture(scope="module")
def served(
    tiny_folder: Path, german_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A running service of copies of both models, and the folder that they lie in."""
    folder = tmp_path_factory.mktemp("served")
    for name, made in (("en", tiny_folder), ("de", german_folder)):
        shutil.copytree(made, folder / name)
    kept = ["--feedback", str(folder / "feedback.sqlite"), "--log", str(folder / "log.jsonl")]
    process, url = start_service(f"en={folder / 'en'}", "-m", f"de={folder / 'de'}", *kept)
    yield url, folder
    process.terminate()
    process.wait()


def _post(url: str, path: str, body: Any) -> Any:
    found = httpx.post(url + path, json=body, timeout=60)
    assert found.status_code == 200, found.text
    return found.json()


@pytest.mark.parametrize("padding", [0, 30_000])  # answered at once, and by a process beside the service
def test_each_text_goes_to_the_model_of_its_language(served: tuple[str, Path], padding: int) -> None:
    url, _ = served
    asked = [GERMAN, ENGLISH, FRENCH, {"id": "none", "text": "1 2 3"}]
    asked[0] = {**GERMAN, "text": GERMAN["text"] + " " * padding}
    german, english, french, none = _post(url, "/predict", asked)
    assert [row["id"] for row in (german, english, french, none)] == ["de", "en", "fr", "none"]
    assert (german["language"], german["model"]["name"]) == ("de", "deutsch")
    assert [tag["key"] for tag in german["topics"]] == ["sport"]
    assert [tag["code"] for tag in german["regions"]] == ["LY"]
    assert not german["warnings"]
    assert (english["language"], english["model"]["name"], english["regions"][0]["code"]) == ("en", "tiny", "LY")
    assert (french["language"], french["model"]["name"]) == ("fr", "tiny")
    assert "the text is French (fr), the model reads English" in french["warnings"][0]
    assert (none["language"], none["model"]["name"]) == ("", "tiny")
    assert _post(url, "/predict", GERMAN)["topics"] == german["topics"]


def test_reasons_pages_corrections_and_counts_are_of_the_right_model(served: tuple[str, Path]) -> None:
    url, folder = served
    explained = _post(url, "/explain", GERMAN)
    assert (explained["model"]["name"], explained["explanation"][0]["label"]) == ("deutsch", "sport")
    assert "model deutsch" in httpx.post(url, data={"text": GERMAN["text"]}, timeout=60).text
    assert _post(url, "/feedback", {**GERMAN, "topics": ["wirtschaft"]}) == {"kept": 1}
    wait_until(lambda: (folder / "log.jsonl").exists() and '"sport"' in (folder / "log.jsonl").read_text())
    known = {row["language"]: row for row in httpx.get(f"{url}/health").json()["models"]}
    assert list(known) == ["en", "de"]
    assert f'dateline_articles_total{{model="{known["de"]["sha256"][:12]}"}}' in httpx.get(f"{url}/metrics").text


def test_pages_name_tags_in_the_language_of_their_reader(served: tuple[str, Path]) -> None:
    url, _ = served

    def shown(query: str = "", accepts: str = "") -> str:
        found = httpx.post(url + query, data={"text": STORM.text}, headers={"accept-language": accepts}, timeout=60)
        assert found.status_code == 200
        return str(found.text)

    assert "Libya" in shown()
    assert "Libyen" in shown(accepts="de-AT,de;q=0.9,en;q=0.5")
    assert "Libyen" not in shown(accepts="xx,en,de;q=0.1")
    asked = shown("/?names=fr", "de")
    assert "Libye" in asked
    assert 'action="./?names=fr#result"' in asked
    assert 'action="./#result"' in httpx.get(f'{url}/?names="><script>').text


def test_each_model_is_followed_by_itself(served: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = served
    before = {row["language"]: row["sha256"] for row in httpx.get(f"{url}/health").json()["models"]}
    other = train_predictor(tmp_path / "other", seed=9)
    for name in ("predictor.joblib", "predictor.json"):
        shutil.copy(other / name, folder / "en" / f".{name}")
        (folder / "en" / f".{name}").replace(folder / "en" / name)
    wait_until(lambda: _post(url, "/predict", ENGLISH)["model"]["sha256"] != before["en"])
    assert _post(url, "/predict", GERMAN)["model"]["sha256"] == before["de"]


def test_models_that_cannot_be_told_apart_are_refused_in_one_line(tiny_folder: Path, german_folder: Path) -> None:
    refused(invoke("serve", "-m", tiny_folder, "-m", german_folder), "each needs its language")
    refused(invoke("serve", "-m", f"en={tiny_folder}", "-m", f"fr={german_folder}"), "reads German, not French")
    refused(invoke("serve", "-m", f"en={tiny_folder}", "-m", f"en={tiny_folder}"), "two models for English")


def test_a_file_named_for_two_languages_is_loaded_once(tmp_path: Path) -> None:
    from pipeline.prediction import predictor_file
    from pipeline.serving.models import LiveModels

    folder = train_german(tmp_path / "model")
    content, _ = predictor_file.load(folder)
    predictor_file.save(folder, content | {"language": "multi"}, {"name": "several"})
    live = LiveModels(f"de={folder},fr={folder}", tmp_path)
    models = live.models
    live.close()
    assert models.by_language["de"] is models.by_language["fr"]
