"""`suspects`: likely label errors in a file that the model has not learned from."""

from __future__ import annotations

import csv
from pathlib import Path

from support.articles import labelled
from support.commands import invoke, refused


def test_labels_that_a_file_lacks_are_found_by_columns_of_ones_own(tmp_path: Path, tiny_folder: Path) -> None:
    rows = labelled(40, 9)
    whole = [";".join(row["topics"]) for row in rows]
    wrong = [number for number, given in enumerate(whole) if given == "football"][:2]
    with (tmp_path / "desk.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Nr", "Kopf", "Leib", "Themen"])
        for number, row in enumerate(rows):
            writer.writerow([number, row["title"], row["text"], "economy" if number in wrong else whole[number]])
    asked = [
        "suspects",
        tmp_path / "desk.csv",
        "--model",
        tiny_folder,
        "--column",
        "text=Leib",
        "--column",
        "title=Kopf",
    ]
    done = invoke(*map(str, asked), "--column", "id=Nr", "-o", str(tmp_path / "found.csv"), "--column", "topics=Themen")
    assert done.exit_code == 0, done.output
    with (tmp_path / "found.csv").open(encoding="utf-8-sig") as file:
        found = {int(row["id"]): row for row in csv.DictReader(file) if row["task"] == "topics"}
    assert set(wrong) <= set(found)
    assert "football" in found[wrong[0]]["missing"]
    refused(invoke("suspects", "--model", str(tiny_folder), "--column", "text=Leib"), "go with a file")
