"""The registered model: versions, the aliases `champion` and `challenger`, and the gate between them."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.config import GateSettings
from pipeline.common.errors import DataError, TrackingError
from pipeline.common.project import command
from pipeline.common.usage import now
from pipeline.evaluation.compare import Verdict, compare, verdict
from pipeline.tracking import describe
from pipeline.tracking.sources import CHAMPION, download_predictions, resolve, run_config
from pipeline.tracking.store import connect, told

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from pipeline.training.record import Record

CHALLENGER = "challenger"
_JUDGED = re.compile(r"\w+/\w+/documents")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a version, in a line that gives the reason."""

    promoted: bool
    line: str


def promote(reference: str, root: Path, force: bool = False) -> Decision:
    """Make a logged model champion if the gate of its configuration lets it pass, or in any case with `force`.

    The decision and its reason are written to the registry. Raises TrackingError when there is no such model.
    """
    with told(f"{reference} can't be promoted"):
        mlflow = connect(root)
        candidate = resolve(mlflow, reference, root)
        if candidate.version is None:
            raise TrackingError(
                f"{candidate.title} has no registered version; log it again with '{command()} log FOLDER'"
            )
        champion = champion_of(mlflow, candidate.version.name)
        if champion is not None and champion.version == candidate.version.version:
            return Decision(True, f"{candidate.title} is the champion already")
        return _decide(mlflow, candidate.version, champion, force)


def register(mlflow: Any, record: Record, run: str, model: str) -> str:
    """Register a logged model as a new version, which the gate makes champion or challenger."""
    with redirect_stderr(io.StringIO()):  # it announces itself
        found = mlflow.register_model(f"models:/{model}", describe.model_name(record))
    client = mlflow.MlflowClient()
    reference = f"models:/{found.name}/{found.version}"
    note = f"{record.title}\n\n{describe.description(record)}\n\n{describe.how_to(reference, run)}"
    client.update_model_version(found.name, found.version, note)
    version = client.get_model_version(found.name, found.version)
    decision = _first_decision(mlflow, version, GateSettings.model_validate(record.config["gate"]))
    return f"{version.name} version {version.version}: {decision.line}"


def champion_of(mlflow: Any, name: str) -> ModelVersion | None:
    """The version with the alias `champion`."""
    client = mlflow.MlflowClient()
    aliases = client.get_registered_model(name).aliases
    return client.get_model_version(name, aliases[CHAMPION]) if CHAMPION in aliases else None


def decide_again(mlflow: Any, version: ModelVersion) -> Decision:
    """The first decision about a version whose logging was broken off, perhaps before the decision was made."""
    gate = GateSettings.model_validate(run_config(mlflow, version.run_id).get("gate") or {})
    return _first_decision(mlflow, version, gate)


def _first_decision(mlflow: Any, version: ModelVersion, gate: GateSettings) -> Decision:
    champion = champion_of(mlflow, version.name)
    client = mlflow.MlflowClient()
    if champion is None:
        judged = _documents(client, version, gate.split)
        if judged < gate.fewest:
            advice = f"'{command()} promote {version.name}/{version.version}' makes it champion all the same"
            line = f"challenger: judged on {judged} {gate.split} articles, which says too little; {advice}"
            return _challenge(client, version, line, "failed")
        return _decide(mlflow, version, None, force=False)
    if champion.version == version.version:
        return Decision(True, "champion already")
    found = _judge(mlflow, version, champion)
    if gate.automatic and found.passed and not found.worse:
        return _crown(client, version, f"champion instead of version {champion.version}: {found.reason}", "passed")
    passes = "passes" if found.passed else "does not pass"
    advice = f"; '{command()} promote {version.name}/{version.version}' makes it champion" if found.passed else ""
    line = f"challenger, {passes} the gate against version {champion.version}: {found.reason}{advice}"
    return _challenge(client, version, line, "passed" if found.passed else "failed")


def _documents(client: Any, version: ModelVersion, split: str) -> int:
    """On how many documents of a split the best judged task of a version was judged."""
    metrics = client.get_run(version.run_id).data.metrics
    judged = [value for name, value in metrics.items() if name.startswith(f"{split}/") and _JUDGED.fullmatch(name)]
    return int(max(judged, default=0))


def _decide(mlflow: Any, version: ModelVersion, champion: ModelVersion | None, force: bool) -> Decision:
    client = mlflow.MlflowClient()
    if champion is None:
        return _crown(client, version, "champion: the first version", "first")
    found = _judge(mlflow, version, champion)
    if found.passed:
        return _crown(client, version, f"champion instead of version {champion.version}: {found.reason}", "passed")
    if force:
        line = f"champion instead of version {champion.version}, forced although {found.reason}"
        return _crown(client, version, line, "forced")
    line = f"not promoted, version {champion.version} stays champion: {found.reason}"
    return _challenge(client, version, line, "failed")


def _judge(mlflow: Any, version: ModelVersion, champion: ModelVersion) -> Verdict:
    """The gate's verdict, by the settings in the configuration that the version was trained with."""
    try:
        gate = GateSettings.model_validate(run_config(mlflow, version.run_id).get("gate") or {})
        old, new = (download_predictions(mlflow, one.run_id, gate.split) for one in (champion, version))
        missing = [task for task in old.tasks if task not in new.tasks]
        return verdict(compare(old, new), missing, gate)
    except (DataError, TrackingError) as error:
        return Verdict(False, str(error))


def _challenge(client: Any, version: ModelVersion, line: str, gate: str) -> Decision:
    decision = _written(client, version, Decision(False, line), gate)
    client.set_registered_model_alias(version.name, CHALLENGER, version.version)
    return decision


def _crown(client: Any, version: ModelVersion, line: str, gate: str) -> Decision:
    """Make a version champion, the alias last: when a kill comes before it, deciding again does the whole."""
    client.update_registered_model(version.name, f"Version {version.version} is {line} ({_now()})")
    decision = _written(client, version, Decision(True, line), gate)
    if client.get_registered_model(version.name).aliases.get(CHALLENGER) == version.version:
        client.delete_registered_model_alias(version.name, CHALLENGER)
    client.set_registered_model_alias(version.name, CHAMPION, version.version)
    return decision


def _written(client: Any, version: ModelVersion, decision: Decision, gate: str) -> Decision:
    """Tag the version and its run; a version keeps each decision under its time."""
    for key, value in (("gate", gate), (f"decision {_now()}", decision.line)):
        client.set_model_version_tag(version.name, version.version, key, value)
    client.set_tag(version.run_id, "gate", gate)
    client.set_tag(version.run_id, "gate.reason", decision.line)
    return decision


def _now() -> str:
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")
