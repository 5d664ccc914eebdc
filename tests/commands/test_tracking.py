"""Runs, registry, gate, logging later, training again: on a real SQLite store."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.errors import DataError, TrackingError
from pipeline.prediction.predictor import load_predictor
from pipeline.prediction.tags import as_json
from pipeline.tracking import fetch_predictor, log_folder, predictions_of, promote
from pipeline.tracking.sources import resolve
from pipeline.tracking.store import connect, shown_uri
from pipeline.training.record import RECORD, read_record
from support.articles import labelled
from support.commands import invoke, run
from support.models import NAME, Client, copy_models
from support.projects import MODEL, ROOT, train_in

pytestmark = pytest.mark.slow


def test_importing_the_package_does_not_import_mlflow() -> None:
    code = "import sys, pipeline.tracking; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_run_has_a_name_a_description_and_tags(in_logged: Path, client: Client) -> None:
    found = resolve(connect(in_logged), f"{NAME}/1", in_logged)
    parent = client(in_logged).get_run(found.run_id)
    record = read_record(in_logged / "models/first")
    assert parent.info.run_name == f"tiny {record.when}"
    assert parent.info.status == "FINISHED"
    assert parent.info.end_time - parent.info.start_time < 600_000
    tags = parent.data.tags
    assert "- **topics** test micro-F1 " in tags["mlflow.note.content"]
    assert f"models:/{NAME}@champion" in tags["mlflow.note.content"]
    expected = {"corpus": "files", "recipe": "tiny", "task": "topics+regions", "logged": "yes", "gate": "first"}
    assert expected.items() <= tags.items()
    assert tags["git.tree"] in ("clean", "dirty", "unknown")
    assert tags["predictor.sha256"] == record.predictor["sha256"]


def test_parameters_are_flat_and_few_and_the_configuration_whole(in_logged: Path, client: Client) -> None:
    run_id = resolve(connect(in_logged), f"{NAME}/2", in_logged).run_id
    params = client(in_logged).get_run(run_id).data.params
    assert params["topics.min_documents"] == "100"
    assert params["prepare.split"] == "stratified"
    assert len(params) < 50
    names = {file.path for file in client(in_logged).list_artifacts(run_id)}
    assert {"config.yaml", "predictions.npz", "MODEL_CARD.md", RECORD} <= names


def test_the_prepared_splits_are_inputs_with_their_own_digest(in_logged: Path, client: Client) -> None:
    inputs = client(in_logged).get_run(resolve(connect(in_logged), f"{NAME}/1", in_logged).run_id).inputs
    manifest = read_record(in_logged / "models/first").manifest
    found = {item.tags[0].value: item.dataset for item in inputs.dataset_inputs}
    assert set(found) == {"training", "validation", "test"}
    assert found["test"].digest == manifest["splits"]["test"]["content_sha256"][:12]
    assert json.loads(found["test"].profile)["num_rows"] == manifest["splits"]["test"]["documents"]


def test_each_task_has_a_child_run_with_its_metrics_folds_and_table(in_logged: Path, client: Client) -> None:
    store = client(in_logged)
    parent = store.get_run(resolve(connect(in_logged), f"{NAME}/1", in_logged).run_id)
    query = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    children = {child.data.tags["task"]: child for child in store.search_runs([parent.info.experiment_id], query)}
    assert set(children) == {"topics", "regions"}
    record = read_record(in_logged / "models/first")
    topics = children["topics"]
    assert topics.info.run_name == f"tiny topics {record.when}"
    scores = record.tasks["topics"]["metrics"]["test"]
    assert topics.data.metrics["test/topics/micro_f1"] == pytest.approx(scores["micro_f1"])
    assert parent.data.metrics["test/topics/micro_f1"] == pytest.approx(scores["micro_f1"])
    assert "test/regions/micro_f1" not in topics.data.metrics
    folds = store.get_metric_history(topics.info.run_id, "cv/topics/micro_f1")
    assert [fold.step for fold in folds] == [0, 1]
    names = [file.path for file in store.list_artifacts(topics.info.run_id)]
    assert "topics_labels.json" in names


def test_stages_and_memory_are_metrics(in_logged: Path, client: Client) -> None:
    store = client(in_logged)
    run_id = resolve(connect(in_logged), f"{NAME}/1", in_logged).run_id
    metrics = store.get_run(run_id).data.metrics
    assert metrics["seconds/fit topics"] > 0
    assert metrics["seconds/total"] >= metrics["seconds/fit topics"]
    assert 50 < metrics["memory/peak_megabytes"] < 20_000
    assert store.get_metric_history(run_id, "system/memory_megabytes")


def test_figures_and_tables_of_the_report_go_to_their_runs(two_models: Path, tmp_path: Path, client: Client) -> None:
    root = copy_models(two_models, tmp_path / "project")
    report = root / "models/first/report"
    shutil.rmtree(report, ignore_errors=True)
    for name in ("figures/topics_reliability.png", "figures/overview.png", "tables/topics_errors.json"):
        (report / name).parent.mkdir(parents=True, exist_ok=True)
        (report / name).write_bytes(b'{"title": ["a", "b"], "score": [0.1, 0.2]}')
    log_folder(root / "models/first", root)
    store = client(root)
    parent = resolve(connect(root), f"{NAME}/1", root).run_id
    runs = store.search_runs([store.get_run(parent).info.experiment_id], "tags.task = 'topics'")
    child = runs[0].info.run_id
    assert [file.path for file in store.list_artifacts(parent, "figures")] == ["figures/overview.png"]
    assert [file.path for file in store.list_artifacts(child, "figures")] == ["figures/topics_reliability.png"]
    names = {file.path for file in store.list_artifacts(child)}
    assert names == {"figures", "topics_labels.json", "topics_errors.json"}
    assert "topics_errors.json" in runs[0].data.tags["mlflow.loggedArtifacts"]


def test_versions_are_described_and_the_worse_one_is_a_challenger(in_logged: Path, client: Client) -> None:
    store = client(in_logged)
    model = store.get_registered_model(NAME)
    assert {alias: int(version) for alias, version in model.aliases.items()} == {"champion": 1, "challenger": 2}
    second = store.get_model_version(NAME, "2")
    assert "Train it again" in second.description
    assert second.tags["gate"] == "failed"
    decision = next(value for key, value in second.tags.items() if key.startswith("decision "))
    assert decision.startswith("challenger, does not pass the gate against version 1: ")
    assert store.get_run(second.run_id).data.tags["gate.reason"] == decision


def test_the_logged_model_is_linked_to_run_metrics_and_data(in_logged: Path, client: Client) -> None:
    store = client(in_logged)
    version = store.get_model_version(NAME, "1")
    found = store.get_logged_model(version.source.removeprefix("models:/"))
    assert (found.source_run_id, found.name) == (version.run_id, NAME)
    metrics = {(metric.key, metric.dataset_name) for metric in found.metrics}
    assert ("test/topics/micro_f1", "tiny test") in metrics
    assert ("validation/regions/micro_f1", "tiny validation") in metrics


def test_the_logged_model_is_the_predictor_and_mlflow_can_load_it(in_logged: Path) -> None:
    folder = fetch_predictor(f"models:/{NAME}@champion", in_logged)
    original = in_logged / "models/first"
    for name in ("predictor.joblib", "predictor.json"):
        assert (folder / name).read_bytes() == (original / name).read_bytes()
    loaded = connect(in_logged).pyfunc.load_model(f"models:/{NAME}@champion")
    row = labelled()[0]
    found = loaded.predict([{"title": row["title"], "text": row["text"]}])
    assert {tag["label"] for tag in found[0]["regions"]} == set(row["regions"])
    answer = as_json("", load_predictor(folder).predict(row)[0], load_predictor(folder))
    without = [{name: value for name, value in tag.items() if name != "label"} for tag in found[0]["topics"]]
    assert without == answer["topics"]
    assert set(loaded.metadata.signature.outputs.input_names()) == set(found[0]) == set(answer) - {"id", "model"}


def test_promote_obeys_the_gate_and_force_overrides_it(two_models: Path, tmp_path: Path, client: Client) -> None:
    root = copy_models(two_models, tmp_path / "project")
    for name in ("first", "second"):
        log_folder(root / "models" / name, root)
    refused = promote("challenger", root)
    assert not refused.promoted
    assert refused.line.startswith("not promoted, version 1 stays champion: ")
    assert promote("2", root, force=True).line.startswith("champion instead of version 1, forced although ")
    model = client(root).get_registered_model(NAME)
    assert {alias: int(version) for alias, version in model.aliases.items()} == {"champion": 2}
    assert "Version 2 is champion instead of version 1" in model.description
    assert promote(client(root).get_model_version(NAME, "1").run_id, root).promoted
    assert promote(f"{NAME}@champion", root).line == f"{NAME} version 1 is the champion already"
    with pytest.raises(TrackingError, match="there is no 7 in sqlite"):
        promote("7", root)


def test_a_training_is_not_logged_twice(in_logged: Path) -> None:
    assert log_folder(Path("models/first"), in_logged).startswith("logged already: run ")


def test_predictions_come_from_a_folder_or_the_store(in_logged: Path) -> None:
    _, one = predictions_of("models/first", in_logged, "test")
    title, other = predictions_of("champion", in_logged, "test")
    assert title == f"{NAME} version 1"
    assert (one.tasks["topics"].predicted == other.tasks["topics"].predicted).all()
    with pytest.raises(TrackingError, match="is no run ID"):
        predictions_of("models/nothing", in_logged, "test")


def test_what_is_no_trained_model_can_not_be_logged(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no .*run\.json: name the folder of a trained model"):
        log_folder(tmp_path, tmp_path)
    (tmp_path / RECORD).write_text('{"format": 99}')
    with pytest.raises(DataError, match="of another version of Dateline"):
        log_folder(tmp_path, tmp_path)


def test_the_store_follows_a_project_that_was_moved(two_models: Path, tmp_path: Path) -> None:
    first = copy_models(two_models, tmp_path / "before")
    log_folder(first / "models/first", first)
    second = first.rename(tmp_path / "moved away")
    folder = fetch_predictor(f"models:/{NAME}@champion", second)
    assert (folder / "predictor.json").is_file()
    assert predictions_of("1", second, "test")[1].tasks
    assert log_folder(second / "models/second", second).startswith("run ")
    third = shutil.copytree(second, tmp_path / "copied", symlinks=True)
    shutil.rmtree(second / "mlartifacts")
    assert (fetch_predictor(f"models:/{NAME}/2", third) / "predictor.json").is_file()


def test_a_password_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me:secret@db.example/news")
    assert shown_uri(tmp_path) == "postgresql://db.example/news"


def test_commands_print_one_line_and_keep_stderr_clean(in_logged: Path) -> None:
    shown = run(in_logged, "compare", "1", "2")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "micro-F1" in shown.stdout
    predicted = run(in_logged, "predict", "-m", f"models:/{NAME}@champion", "--json", "The coach praised Libya.")
    assert (predicted.returncode, predicted.stderr) == (0, "")
    assert json.loads(predicted.stdout)["model"]["name"] == "tiny"
    refused = run(in_logged, "promote", "nonsense/x y")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_training_twice_gives_the_same_bytes_and_metrics(trained: Path, breakable: Path) -> None:
    again = train_in(breakable)
    first, second = (read_record(folder) for folder in (trained / MODEL, again))
    for name in ("predictor.joblib", "predictor.json", "predictions.npz"):
        assert (trained / MODEL / name).read_bytes() == (again / name).read_bytes(), name
    assert first.tasks == second.tasks


def test_rerun_says_whether_the_result_is_identical(in_logged: Path, client: Client) -> None:
    run_id = client(in_logged).get_model_version(NAME, "1").run_id
    same = invoke("rerun", run_id)
    assert (same.exit_code, same.stdout[:10]) == (0, "identical:")
    rows = Path("articles.jsonl").read_text(encoding="utf-8")
    Path("articles.jsonl").write_text(rows.replace("coach", "trainer"), encoding="utf-8")
    try:
        other = invoke("rerun", run_id)
    finally:
        Path("articles.jsonl").write_text(rows, encoding="utf-8")
    assert (other.exit_code, other.stdout[:20]) == (1, "different: the data,")
