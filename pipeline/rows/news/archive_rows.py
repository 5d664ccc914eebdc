"""Pages in web archives (WARC, ISO 28500), packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.rows.json_rows import Parsed

_LARGEST = 1 << 24
_HTML = ("text/html", "application/xhtml+xml")


def read_archive(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """The articles of the archive's pages, numbered by record. Raises DataError for a file that is no archive."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        raise DataError(missing(f"{path}, a web archive,", "formats")) from None
    found = False
    try:
        for number, record in enumerate(ArchiveIterator(stream), 1):
            if _is_page(record):
                found = True
                yield from ((number, row, "") for row in _articles(record, path))
    except ArchiveLoadFailed as error:
        reason = " ".join(str(error).split())[:120]
        raise DataError(f"{path} is no whole web archive ({reason}): fetch or write it again") from None
    if not found:
        raise DataError(f"{path} holds no page of HTML")


def _is_page(record: Any) -> bool:
    if record.rec_type not in ("response", "resource"):
        return False
    headers = record.http_headers
    kind = headers.get_header("Content-Type", "") if headers else record.content_type
    status = headers.get_statuscode() if headers else "200"
    return str(status) == "200" and str(kind).lower().startswith(_HTML)


def _articles(record: Any, path: Path) -> Iterator[dict[str, Any]]:
    from pipeline.rows.news.pages import articles_in

    content = record.content_stream().read(_LARGEST)
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    try:
        for row in articles_in(content, str(path)):
            yield {"id": address, "url": address, **row}
    except DataError:  # bytes that are no text, whatever the server called them
        return
