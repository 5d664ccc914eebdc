"""A predictor that follows its file or its alias: a new champion takes over between two requests."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from pipeline.common.errors import DatelineError
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.prediction.predictor_file import DESCRIPTION

_FILE_SECONDS, _REGISTRY_SECONDS = 2.0, 30.0
_URIS = ("models:/", "runs:/", "mlflow-artifacts:/")

Stamp = tuple[str, int, int, int]


class LiveModel:
    """Holds the predictor that `model` means now; reading `predictor` never waits.

    A predictor that can't be loaded leaves the old one in place and is told once in the log.
    """

    def __init__(self, model: str, root: Path, every: float | None = None) -> None:
        self._model = model
        self._root = root
        self._registry = model.startswith(_URIS)
        self._every = every or (_REGISTRY_SECONDS if self._registry else _FILE_SECONDS)
        self._stopped = threading.Event()
        self._stamp = self._found()
        self.predictor: Predictor = load_predictor(self._stamp[0])
        self._thread = threading.Thread(target=self._watch, name="live model", daemon=True)

    def follow(self) -> None:
        """Begin to look for a new model from time to time."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def refresh(self) -> bool:
        """Load the model anew if it has changed; whether it had."""
        stamp = self._found()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        found = load_predictor(stamp[0])
        if found.sha256 == self.predictor.sha256:
            return False
        found.compile()
        self.predictor = found
        return True

    def _watch(self) -> None:
        log = logging.getLogger("uvicorn.error")
        said = ""
        self.predictor.compile()
        while not self._stopped.wait(self._every):
            try:
                if self.refresh():
                    log.info("predictor %s %s took over", self.predictor.name, self.predictor.sha256[:12])
                said = ""
            except DatelineError as error:
                if str(error) != said:
                    log.warning("the old predictor stays: %s", error)
                said = str(error)

    def _found(self) -> Stamp:
        """Which files the model is now: their place, and what changes when they are written anew."""
        path = self._folder()
        described = (path if path.is_dir() else path.parent) / DESCRIPTION
        try:
            stat = described.stat()
        except OSError:
            return str(path), 0, 0, 0
        return str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _folder(self) -> Path:
        if not self._registry:
            return Path(self._model)
        from pipeline.tracking import fetch_predictor

        return fetch_predictor(self._model, self._root)
