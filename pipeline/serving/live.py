"""A predictor that follows its file or its alias: a new champion takes over between two requests."""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
import threading
from pathlib import Path

from pipeline.common.errors import DatelineError
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.prediction.predictor_file import BINARY, DESCRIPTION

_FILE_SECONDS, _REGISTRY_SECONDS = 2.0, 30.0
_TRIED_AGAIN = 15  # times of looking after which a predictor that could not be loaded is tried once more
_READY = 5.0  # seconds that the start waits for the compiled functions
_MOST_WORDS = 200_000
_URIS = ("models:/", "runs:/", "mlflow-artifacts:/")

Stamp = tuple[object, ...]


class LiveModel:
    """Holds the predictor that `model` means now; reading `predictor` never waits.

    A predictor that can't be loaded leaves the old one in place, is told once in the log, and is tried again when any
    of its files has changed. A registered model is fetched when its version has changed. One copy is kept for the
    processes beside the service, in a folder that goes with `close`.
    """

    def __init__(self, model: str, root: Path, every: float | None = None) -> None:
        self._model = model
        self._root = root
        self._registry = model.startswith(_URIS)
        self._every = every or (_REGISTRY_SECONDS if self._registry else _FILE_SECONDS)
        self._stopped, self._asked = threading.Event(), threading.Event()
        self._folder: Path | None = None
        self._stamp = self._found()
        self._failed: Stamp = ()
        self._failures = 0
        self._now = self._loaded()
        self._thread = threading.Thread(target=self._watch, name="live model", daemon=True)
        self._ready = threading.Event()

    @property
    def predictor(self) -> Predictor:
        """The predictor that answers now."""
        return self._now[0]

    @property
    def place(self) -> tuple[str, str]:
        """The folder (or file) of the predictor that answers now, and its SHA-256."""
        return str(self._now[1]), self._now[0].sha256

    def follow(self) -> None:
        """Begin to look for a new model from time to time; waits a little for the compiled functions."""
        self._thread.start()
        self._ready.wait(_READY)

    def look(self) -> None:
        """Look for a new model now."""
        self._asked.set()

    def close(self) -> None:
        """Stop looking, and remove what was fetched."""
        self._stopped.set()
        self._asked.set()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def refresh(self) -> bool:
        """Load the model anew if it has changed; whether it had. Raises DatelineError for one that can't be used."""
        stamp = self._found()
        if stamp == self._stamp:
            return False
        if stamp == self._failed and self._failures % _TRIED_AGAIN:
            self._failures += 1
            return False
        try:
            predictor, place = self._loaded()
        except Exception:
            self._failed, self._failures = stamp, self._failures + 1 if stamp == self._failed else 1
            raise
        self._stamp, self._failed = stamp, ()
        if predictor.sha256 == self.predictor.sha256:
            self._now = self.predictor, place
            return False
        predictor.compile()
        self._now = predictor, place
        gc.freeze()
        return True

    def _watch(self) -> None:
        log = logging.getLogger("uvicorn.error")
        said = ""
        self.predictor.compile()
        gc.collect()
        gc.freeze()  # a predictor is a million objects that stay: looking through them took a quarter of a second
        self._ready.set()
        while not self._stopped.is_set():
            self._asked.wait(self._every)
            self._asked.clear()
            if self._stopped.is_set():
                break
            try:
                if self.refresh():
                    log.info("predictor %s %s took over", self.predictor.name, self.predictor.sha256[:12])
                    said = ""
                self.predictor.forget_words(_MOST_WORDS)
            except Exception as error:  # whatever lies there, the old one goes on
                told = str(error) if isinstance(error, DatelineError) else f"it can't be read ({type(error).__name__})"
                if told != said:
                    log.warning("the old predictor stays: %s", told)
                said = told

    def _found(self) -> Stamp:
        """Which model it is now: a registered version, or what changes when one of the files is written anew."""
        if self._registry:
            from pipeline.tracking import version_of

            return ("version", version_of(self._model, self._root))
        path = Path(self._model)
        folder = path if path.is_dir() else path.parent
        return tuple(_stamp_of(file) for file in (folder / BINARY, folder / DESCRIPTION, path))

    def _loaded(self) -> tuple[Predictor, Path]:
        """The predictor as it is now, and where it lies."""
        folder = Path(tempfile.mkdtemp(prefix="dateline-serve-"))
        try:
            if self._registry:
                from pipeline.tracking import fetch_predictor

                place = fetch_predictor(self._model, self._root, folder)
                found = load_predictor(place)
            else:
                found = load_predictor(self._model)
                place = _copied(Path(self._model), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        before, self._folder = self._folder, folder
        if before:
            shutil.rmtree(before, ignore_errors=True)
        return found, place


def _copied(model: Path, folder: Path) -> Path:
    """A copy of a predictor's files in `folder`, which stays as it is when the files are written anew."""
    binary = model / BINARY if model.is_dir() else model
    shutil.copyfile(binary, folder / BINARY)
    shutil.copyfile(binary.with_name(DESCRIPTION), folder / DESCRIPTION)
    return folder


def _stamp_of(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
