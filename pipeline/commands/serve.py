"""The command `serve`."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands._output import say
from pipeline.common.errors import DataError
from pipeline.common.parallel import allow_open_files
from pipeline.common.project import missing

if TYPE_CHECKING:
    from pipeline.commands._label_queue import Labelling

_CONNECTIONS = 8192
_GRACE = 20  # seconds that requests under way have to end


def run(
    models: Sequence[str],
    host: str,
    port: int,
    workers: int,
    max_mb: float,
    timeout: float,
    feedback: Path,
    log: Path | None,
    labelling: Labelling | None = None,
) -> None:
    """Serve until stopped, with the labelling page where there is something to label.

    Raises DataError without the extra `serve`, ModelError without a predictor.
    """
    try:
        import fastapi  # noqa: F401
        import uvicorn
    except ImportError:
        raise DataError(missing("serving", "serve")) from None
    from pipeline.serving.limits import PromptProtocol
    from pipeline.serving.models import LiveModels, joined, parted_name
    from pipeline.serving.service import create_app
    from pipeline.serving.settings import PREFIX, Settings

    model = joined(models)
    live = LiveModels(model, Path.cwd())  # a model that can't be opened is told now, once, in one line
    live.close()
    _check_address(host, port)
    given = {"MODEL": model, "MAX_BYTES": str(int(max_mb * 1e6)), "TIMEOUT": str(timeout)}
    given |= {"FEEDBACK": str(feedback.absolute()), "LOG": str(log.absolute()) if log else ""}
    if labelling:
        from pipeline.commands._label_queue import prepare_queue

        given["QUEUE"] = str(prepare_queue(labelling, live.predictor, parted_name(models[0])[1]))
        say(f"label at http://{host}:{port}/label", err=True)
    os.environ |= {PREFIX + name: value for name, value in given.items()}
    Settings.read()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if workers > 1:  # where the workers put their counts together; it goes with the command
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="dateline-metrics-"))
    allow_open_files(_CONNECTIONS)
    uvicorn.run(
        f"{create_app.__module__}:{create_app.__name__}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        http=PromptProtocol,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )


def _check_address(host: str, port: int) -> None:
    """Raises DataError when nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise DataError(f"can't listen on {host}:{port} ({error.strerror}): name another --host or --port") from None
