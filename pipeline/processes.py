"""What worker processes do beside their work: they end when the process that started them has been killed."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time

_LOOK_EVERY = 1.0  # seconds


def end_with_parent() -> None:
    """Watch the parent of this process from a thread, and end when it is gone, be it already."""
    # The system's answer would be another process if the parent was killed before this one came so far.
    parent = getattr(multiprocessing.current_process(), "_parent_pid", None) or os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)
