"""The service: its answers, its refusals, its limits, a new champion, a fuzzer, and a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.rows.to_label import Queue, ToLabel, write_queue
from support.articles import STORM
from support.commands import invoke, refused, wait_until
from support.models import train_predictor
from support.projects import ROOT
from support.servers import start_service

pytest.importorskip("fastapi", reason="the extra serve is not installed")
httpx = pytest.importorskip("httpx")

ARTICLE = {"text": STORM.text}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Served:
    """A service in a process of its own."""

    url: str
    model: Path
    feedback: Path
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def served(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running service of a copy of the small predictor, with a limit of 100 kB."""
    model = shutil.copytree(tiny_folder, tmp_path_factory.mktemp("served") / "model")
    feedback = model.parent / "feedback.sqlite"
    process, url = start_service(model, "--max-mb", "0.1", "--feedback", str(feedback))
    yield Served(url, model, feedback, process)
    process.terminate()
    process.wait()


def post(served: Served, path: str, body: Any) -> Any:
    """POST a JSON body, or bytes as they are."""
    if isinstance(body, bytes):
        return httpx.post(served.url + path, content=body, headers={"content-type": "application/json"})
    return httpx.post(served.url + path, json=body)


def test_one_article_and_many(served: Served) -> None:
    one = post(served, "/predict", {**ARTICLE, "id": "x"}).json()
    assert (one["id"], one["regions"][0]["code"], one["model"]["name"]) == ("x", "LY", "tiny")
    assert list(one) == ["id", "topics", "regions", "model", "warnings", "language"]
    many = post(served, "/predict", [ARTICLE, {"title": "Rain", "text": "flood"}]).json()
    assert [row["id"] for row in many] == ["1", "2"]
    assert many[0]["topics"] == one["topics"]


def test_an_empty_article_fails_and_not_those_beside_it(served: Served) -> None:
    found = post(served, "/predict", [{"id": 7, **ARTICLE}, {"id": "b"}, {"text": None}, {"id": 2.0, "text": "rain"}])
    assert [row["id"] for row in found.json()] == ["7", "b", "3", "2"]
    assert ["error" in row for row in found.json()] == [False, True, True, False]
    assert found.json()[1]["error"] == "article 2: the text is empty: there is nothing to tag"


@pytest.mark.parametrize("half", [r"\udfff", r"\ud83d", r"\ud83d\u0041"])
def test_halves_of_characters_count_as_blanks(served: Served, half: str) -> None:
    found = post(served, "/predict", f'{{"id": "{half}", "text": "rain {half} \\\\ud800 in Libya"}}'.encode())
    assert (found.status_code, found.json()["regions"][0]["code"]) == (200, "LY")


def test_a_form_may_have_any_number_of_fields(served: Served) -> None:
    found = httpx.post(served.url, data={"text": STORM.text} | {f"field{number}": "x" for number in range(50)})
    assert (found.status_code, "<mark" in found.text) == (200, True)


def test_reasons(served: Served) -> None:
    found = post(served, "/explain", {**ARTICLE, "labels": ["football"]}).json()
    assert found["explanation"][-1]["label"] == "football"
    assert found["explanation"][-1]["verdict"].startswith("not given")


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/predict", b"{", 400, "the body is no JSON"),
        ("/predict", b"", 422, "Field required"),
        ("/predict", b"\xff\xfe", 400, ""),
        ("/predict", {"text": 7}, 422, "text: Input should be a valid string"),
        ("/predict", {"txt": "x"}, 422, "Extra inputs are not permitted"),
        ("/predict", {"text": " "}, 422, "the text is empty: there is nothing to tag"),
        ("/predict", [ARTICLE, {"text": 7}], 422, "1.text: Input should be a valid string"),
        ("/predict/", ARTICLE, 404, "Not Found"),
        ("/predict", [ARTICLE] * 1001, 413, "larger than 100,000 bytes"),
        ("/predict", [{"text": "x"}] * 1001, 422, "1000"),
        ("/explain", {**ARTICLE, "labels": ["nowhere"]}, 422, "the model knows no label 'nowhere'"),
        ("/predict", {"text": "x" * 100_001}, 413, "larger than 100,000 bytes"),
        ("/nowhere", ARTICLE, 404, "Not Found"),
        ("/health", ARTICLE, 405, "Method Not Allowed"),
    ],
)
def test_bad_input_is_told_in_one_sentence(served: Served, path: str, body: Any, status: int, message: str) -> None:
    answer = post(served, path, body)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert message in answer.json()["error"]


def test_a_stream_without_length_is_limited_too(served: Served) -> None:
    answer = httpx.post(f"{served.url}/predict", content=(b"x" * 1000 for _ in range(200)))
    assert answer.status_code == 413


def test_real_answers_are_those_that_the_description_promises(served: Served) -> None:
    """With tags, reasons and warnings in them, and no field that it keeps quiet about."""
    jsonschema = pytest.importorskip("jsonschema")
    described = httpx.get(f"{served.url}/openapi.json").json()
    several = [ARTICLE, {"title": "Goal", "text": "The striker scored in Paris, France."}, {"text": "Fire."}]
    asked = [("/predict", ARTICLE), ("/predict", several), ("/explain", {**ARTICLE, "labels": ["football"]})]
    for path, body in asked:
        promised = described["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {"components": _closed(described["components"]), **promised}
        answer = post(served, path, body).json()
        jsonschema.Draft202012Validator(schema).validate(answer)
        for row in answer if isinstance(answer, list) else [answer]:
            assert row["topics"] or row["warnings"] or row["regions"]


def _closed(schema: Any) -> Any:
    """The schema with no other properties than those that it names."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _closed(value) for key, value in schema.items()}
    return found | ({"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {})


def test_the_model_describes_itself(served: Served) -> None:
    found = httpx.get(f"{served.url}/model").json()
    assert (found["name"], len(found["sha256"])) == ("tiny", 64)
    assert httpx.get(f"{served.url}/health").json()["status"] == "ok"


def test_pages_need_no_script(served: Served) -> None:
    assert "<textarea" in httpx.get(served.url).text
    found = httpx.post(served.url, data={"title": "Storm", "text": STORM.text})
    assert "<mark" in found.text
    assert "default-src 'none'" in found.headers["content-security-policy"]
    empty = httpx.post(served.url, data={"text": " "})
    assert (empty.status_code, "the text is empty" in empty.text) == (422, True)
    docs = httpx.get(f"{served.url}/docs").text
    assert "/predict" in docs
    assert "http://" not in docs.replace("http://HOST:PORT", "")


def test_a_new_predictor_takes_over_between_requests(served: Served, tmp_path: Path) -> None:
    other = train_predictor(tmp_path / "other", seed=5)
    failures: list[Any] = []
    seen: set[str] = set()
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                answer = client.post(f"{served.url}/predict", json=ARTICLE)
                seen.add(answer.json()["model"]["sha256"])
                if answer.status_code != 200:
                    failures.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    _replace(served.model, other)
    wait_until(lambda: len(seen) == 2)
    (served.model / "predictor.json").write_text("{")  # a damaged one leaves the old one in place
    assert served.process.stderr is not None
    assert any("the old predictor stays" in line for line in served.process.stderr)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) == 2


def _replace(model: Path, other: Path) -> None:
    for name in ("predictor.joblib", "predictor.json"):
        shutil.copy(other / name, model / f".{name}")
        (model / f".{name}").replace(model / name)


def test_a_stop_is_graceful(tiny_folder: Path) -> None:
    process, url = start_service(tiny_folder)
    found: list[int] = []
    body = {"text": "rain in Libya " * 20_000}  # what a busy machine answers within the time for a stop, too
    asking = threading.Thread(
        target=lambda: found.append(httpx.post(f"{url}/predict", json=body, timeout=None).status_code)
    )
    idle = psutil.Process(process.pid).cpu_times().user
    asking.start()
    wait_until(lambda: found or psutil.Process(process.pid).cpu_times().user > idle + 0.1)  # it is at work
    process.send_signal(signal.SIGTERM)
    asking.join()
    assert found == [200]
    assert process.wait() in (0, -signal.SIGTERM)


def test_serving_nothing_is_told_in_one_line(tmp_path: Path) -> None:
    refused(invoke("serve", "-m", tmp_path), "predictor.joblib is missing")


def test_the_service_keeps_its_own_description(tiny_folder: Path, tmp_path: Path) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from pipeline.serving.models import LiveModels
    from pipeline.serving.service import app_for
    from pipeline.serving.settings import Settings

    articles = tuple(ToLabel(str(number), "", f"Rain in Libya {number}") for number in range(5))
    write_queue(tmp_path / "queue.json", Queue(articles, tmp_path / "labels.jsonl", 0.5))
    settings = Settings(feedback=tmp_path / "feedback.sqlite", queue=tmp_path / "queue.json")
    app = app_for(LiveModels(str(tiny_folder), ROOT), 100_000, settings)
    for operation in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        _fuzz(operation.ok(), 25)


def _fuzz(operation: Any, examples: int) -> None:
    from hypothesis import HealthCheck, given, settings

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        case.call_and_validate()

    check()


def test_a_real_browser(served: Served) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser is installed (any of {', '.join(BROWSERS)})")
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = chromium.new_page()
        asked: list[str] = []
        wrong: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: wrong.append(message.text))
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        _drive(tab, served.url)
        chromium.close()
    assert not [url for url in asked if not url.startswith((served.url, "data:"))]
    assert not wrong


def _drive(tab: Any, url: str) -> None:
    """Paste an article, hover and pin its tags, step through the places, turn to dark."""
    tab.goto(url)
    tab.fill("#text", STORM.text)
    tab.click("text=Tag it")
    tab.wait_for_selector("article mark")
    libya = tab.locator(".tag.region summary").first
    libya.hover()
    assert tab.locator("mark.evidence").all_inner_texts() == ["Tripoli", "Libya"]
    tab.locator("h2").first.hover()
    assert tab.locator("mark.evidence").count() == 0
    libya.click()
    tab.wait_for_selector("#bar")
    assert tab.locator("#bar span").inner_text() == "Libya: 2 places"
    tab.click("#bar button[aria-label='next place']")
    assert tab.locator("mark.here").inner_text() == "Tripoli"
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#bar", state="hidden")
    chips = tab.locator("#correct .chip")
    assert "Libya ✕" in chips.all_inner_texts()
    tab.keyboard.press("c")
    tab.keyboard.type("jap")
    tab.wait_for_selector("#found li[aria-selected=true]")
    tab.keyboard.press("Enter")
    tab.click("#correct .chip[aria-label='take away Libya']")
    assert "Japan ✕" in chips.all_inner_texts()
    tab.fill("#by", "anna")
    tab.click("#correct .save")
    tab.wait_for_selector("#correct [role=status]:has-text('Saved')")
    tab.set_viewport_size({"width": 1100, "height": 1400})
    if "DATELINE_SCREENSHOTS" in os.environ:
        tab.screenshot(path=f"{os.environ['DATELINE_SCREENSHOTS']}/correct.png", full_page=True)
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.click("#theme")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light
    tab.set_viewport_size({"width": 360, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    assert re.match(r"\d", tab.locator(".tag .score").first.inner_text())


def test_a_taken_port_is_told_in_one_line(served: Served, tiny_folder: Path) -> None:
    port = served.url.rpartition(":")[2]
    refused(invoke("serve", "-m", tiny_folder, "--port", port), f"can't listen on 127.0.0.1:{port}")


def test_what_takes_too_long_is_ended_and_the_next_large_one_is_answered(tiny_folder: Path) -> None:
    process, url = start_service(tiny_folder, "--timeout", "3")
    try:
        answer = httpx.post(f"{url}/explain", json={"title": "rain in Libya and " * 500_000}, timeout=60)
        assert (answer.status_code, "longer than 3 seconds" in answer.json()["error"]) == (503, True)
        assert answer.headers["retry-after"]
        body = {"text": "rain in Libya. " * 2_000}
        large = wait_until(lambda: _answered(httpx.post(f"{url}/predict", json=body, timeout=60)))
        assert large.json()["regions"][0]["code"] == "LY"
    finally:
        process.terminate()
        process.wait(20)


def _answered(response: Any) -> Any:
    """The response, unless a busy machine took longer over it than the service allows."""
    return response if response.status_code != 503 else None


def test_a_large_article_gets_the_tags_of_a_small_one(served: Served) -> None:
    body = {"id": "x", "title": "Storm", "text": STORM.text}
    small = post(served, "/explain", body)
    large = post(served, "/explain", body | {"labels": ["football"] * 50} | {"text": STORM.text + " " * 20_000})
    assert large.status_code == 200
    assert [large.json()[name] for name in ("topics", "regions")] == [
        small.json()[name] for name in ("topics", "regions")
    ]


def test_a_hangup_ends_nothing(tiny_folder: Path) -> None:
    process, url = start_service(tiny_folder)
    try:
        process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{url}/health").status_code == 200
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("damage", ["{", "[" * 100_000, "description first"])
def test_a_broken_predictor_does_not_keep_the_good_one_away(tiny_folder: Path, tmp_path: Path, damage: str) -> None:
    from pipeline.serving.live import LiveModel

    model = shutil.copytree(tiny_folder, tmp_path / "model")
    other = train_predictor(tmp_path / "other", seed=7)
    live = LiveModel(str(model), tmp_path, every=0.02)
    before = live.predictor.sha256
    live.follow()
    if damage == "description first":
        shutil.copy(other / "predictor.json", model / "predictor.json")
    else:
        (model / "predictor.json").write_text(damage)
    wait_until(lambda: live._failures)
    assert live.predictor.sha256 == before
    shutil.copy(other / "predictor.joblib", model / "predictor.joblib")
    shutil.copy(other / "predictor.json", model / "predictor.json")
    wait_until(lambda: live.predictor.sha256 != before)
    live.close()


def test_a_registered_model_is_fetched_when_its_version_changes(
    tiny_folder: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    mlflow = pytest.importorskip("mlflow")
    from pipeline.serving.live import LiveModel

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = f"sqlite:///{tmp_path}/mlflow.db"
    client = mlflow.MlflowClient(store, store)
    client.create_registered_model("tiny")
    for number, folder in enumerate((tiny_folder, train_predictor(tmp_path / "other", seed=7)), 1):
        client.create_model_version("tiny", str(folder))
        client.set_registered_model_alias("tiny", "champion", str(number))
        if number == 1:
            live = LiveModel("models:/tiny@champion", tmp_path)
            before = live.predictor.sha256
            assert [live.refresh() for _ in range(3)] == [False] * 3
    assert live.refresh()
    assert live.predictor.sha256 != before
    assert len(list(tmp_path.glob("dateline-serve-*"))) == 1
    live.close()
    assert not list(tmp_path.glob("dateline-serve-*"))


def test_corrections_are_kept(served: Served, tmp_path: Path) -> None:
    from pipeline.rows.feedback_store import Feedback

    before = len(list(Feedback(served.feedback).all()))
    sent = {"id": 7, "text": STORM.text, "topics": ["Storms and floods"], "regions": ["Japan", "JP"], "by": "anna"}
    assert post(served, "/feedback", sent).json() == {"kept": 1}
    kept = list(Feedback(served.feedback).all())
    assert len(kept) == before + 1
    assert (kept[-1].id, kept[-1].topics, kept[-1].regions, kept[-1].by) == ("7", ("storm",), ("JP",), "anna")
    assert len(kept[-1].model) == 64
    bad: list[dict[str, Any]] = [{"text": "x"}, {"text": "x", "topics": ["nowhere"]}, {"topics": []}]
    for wrong in [*bad, {"text": "x", "topics": ["JP"]}]:
        assert post(served, "/v1/feedback", wrong).status_code == 422
    foreign = httpx.post(f"{served.url}/feedback", content=b"{}", headers={"content-type": "text/plain"})
    assert foreign.status_code == 415


def test_superdesk_gets_concepts(served: Served) -> None:
    sent = {"uuid": "urn:1", "pubStatus": False, "headline": "Storm", "body": STORM.text.split(". "), "language": "en"}
    found = httpx.post(f"{served.url}/article/analysis?conceptFields=uuid", json=sent, auth=("user", "key")).json()
    concepts = {concept["uuid"]: concept for concept in found["concepts"]}
    assert (concepts["medtop:1"]["title"], concepts["medtop:1"]["broader"]) == ("storms and floods", "medtop:2")
    assert concepts["medtop:1"]["links"] == [{"source": "IPTC", "relationType": "exactMatch", "id": "medtop:1"}]
    assert concepts["iso3166-1a2:LY"]["type"] == "place"
    assert [concept["uuid"] for concept in found["broader"]] == ["medtop:2"]
    searched = post(served, "/concept/get", {"title": "flood", "type": "all", "draft": False, "size": 10}).json()
    assert [concept["uuid"] for concept in searched["result"]] == ["medtop:1"]
    assert post(served, "/concept/get", {"uuid": "medtop:2"}).json()["result"][0]["title"] == "nature"


def test_metrics_count_requests_and_tags(served: Served) -> None:
    post(served, "/predict", ARTICLE)
    found = httpx.get(f"{served.url}/metrics").text
    assert re.search(r'dateline_requests_total\{path="/predict",status="200"\} \d', found)
    assert re.search(r'dateline_tags_total\{decision="\w+",label="LY",task="regions"\} \d', found)


def test_keys_rates_and_origins_are_settings(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_API_KEYS", "anna:one,two")
    monkeypatch.setenv("DATELINE_CORS", "https://cms.example")
    monkeypatch.setenv("DATELINE_RATE", "1")
    process, url = start_service(tiny_folder)
    try:
        assert httpx.post(f"{url}/predict", json=ARTICLE).status_code == 401
        assert httpx.post(f"{url}/predict", json=ARTICLE, auth=("x", "wrong")).status_code == 401
        assert httpx.post(f"{url}/predict", json=ARTICLE, auth=("x", "two")).status_code == 200
        given = {"authorization": "Bearer one", "origin": "https://cms.example"}
        answer = httpx.post(f"{url}/v1/predict", json=ARTICLE, headers=given)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://cms.example")
        many = [httpx.get(f"{url}/model", headers={"x-api-key": "one"}).status_code for _ in range(5)]
        assert 429 in many
        assert httpx.get(f"{url}/health").status_code == 200
    finally:
        process.terminate()
        process.wait()


def test_the_log_holds_no_text_and_all_workers_count(tiny_folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "seen.jsonl"
    process, url = start_service(tiny_folder, "--log", str(log), "--workers", "2")
    try:
        for _ in range(6):
            assert httpx.post(f"{url}/predict", json=ARTICLE).status_code == 200
        large = [ARTICLE] * 300
        assert len(httpx.post(f"{url}/predict", json=large, timeout=60).json()) == 300
        wait_until(lambda: log.is_file() and len(log.read_text().splitlines()) == 306)
        assert "dateline_articles_total" in httpx.get(f"{url}/metrics").text
        counted = re.findall(r"dateline_articles_total{.*} ([0-9.]+)", httpx.get(f"{url}/metrics").text)
        assert sum(map(float, counted)) == 306
    finally:
        process.terminate()
        process.wait()
    row = json.loads(log.read_text().splitlines()[0])
    assert list(row) == [
        "time",
        "model",
        "words",
        "unknown",
        "warned",
        "language",
        "topics",
        "regions",
        "given",
        "published",
    ]
    assert row["given"]["regions"] == ["LY"]
    assert "rain" not in log.read_text()
