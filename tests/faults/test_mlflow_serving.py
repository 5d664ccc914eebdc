"""`mlflow models serve`, typed into a fresh shell as docs/serving.md says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from support.commands import wait_until
from support.models import NAME
from support.projects import ROOT
from support.servers import free_port, kill

pytestmark = pytest.mark.slow


def test_the_documented_lines_serve_the_champion(logged: Path) -> None:
    section = (ROOT / "docs" / "serving.md").read_text().partition("## As an MLflow model")[2].partition("\n## ")[0]
    block = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)[0]
    port = str(free_port())
    lines = block.replace(".venv/bin/activate", f"{sys.prefix}/bin/activate").replace("5001", port)
    lines = lines.replace("dateline-news", NAME)
    shell = ["env", "-i", f"HOME={logged}", "PATH=/usr/bin:/bin", "bash", "-ec", lines]
    with (logged / "serve.log").open("w") as log:
        process = subprocess.Popen(shell, cwd=logged, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: process.poll() is not None or "startup complete" in (logged / "serve.log").read_text())
        assert process.poll() is None, (logged / "serve.log").read_text()
        records = [{"title": "Storm floods port", "text": "Heavy rain flooded the port of Genoa in Italy."}]
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", method="POST")
        asked.add_header("Content-Type", "application/json")
        content = json.dumps({"dataframe_records": records}).encode()
        (answer,) = json.load(urllib.request.urlopen(asked, content, timeout=60))["predictions"]
        assert set(answer) == {"topics", "regions", "warnings", "language"}
        assert {"label", "name", "score", "decision"} <= set(answer["topics"][0])
    finally:
        kill(process)
