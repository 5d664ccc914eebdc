"""Prepared data on disk: a Parquet file a split, a manifest, the rejected rows."""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.files import write_json, write_text
from pipeline.common.locks import clear, temporary
from pipeline.common.parallel import read_ahead
from pipeline.common.state_files import read_json

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

SPLITS = ("train", "validation", "test")
_BATCH = 5000  # rows of a row group
MANIFEST, REJECTS = "manifest.json", "rejects.jsonl"
_WHOLE = {"fingerprint": str, "content_sha256": str, "seed": int, "split": str, "sources": list, "counts": dict}
_WHOLE |= {"splits": dict}
_SPLIT = {"documents": int, "sha256": str, "content_sha256": str, "sources": dict, "topics": dict, "regions": dict}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def schema() -> pa.Schema:
    """The columns of a split as `datasets` has them, which takes a second to import; a null list of labels means that
    the article was not labelled for that task."""
    import pyarrow as pa

    lists = dict.fromkeys(("topics", "regions"), pa.list_(pa.string()))
    columns = dict.fromkeys(("id", "title", "text", "date", "source", "corpus", "url"), pa.string()) | lists
    columns["group"] = pa.int64()
    values = {name: {"dtype": "int64" if name == "group" else "string", "_type": "Value"} for name in columns}
    described = {
        name: {"feature": value, "_type": "List"} if name in lists else value for name, value in values.items()
    }
    told = {"huggingface": json.dumps({"info": {"features": described}})}
    return pa.schema(list(columns.items()), metadata=told)


def write_split(articles: Iterable[Article], groups: Iterable[int], path: Path) -> None:
    """Write one split as Parquet, a batch of articles at a time; the same articles give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = schema()
    waiting = zip(articles, groups, strict=True)

    def made(batch: Sequence[tuple[Article, int]]) -> pa.RecordBatch:
        values = {name: [getattr(article, name) for article, _ in batch] for name in columns.names[:-1]}
        values["group"] = [group for _, group in batch]
        return pa.RecordBatch.from_arrays([pa.array(values[one.name], one.type) for one in columns], schema=columns)

    with pq.ParquetWriter(path, columns) as writer:
        for batch in read_ahead(map(made, iter(lambda: list(islice(waiting, _BATCH)), []))):
            writer.write_batch(batch)


def read_split(folder: Path, split: str) -> Dataset:
    """One prepared split, read from the disk as its rows are looked at. Raises DataError when it is not there or can't
    be read.

    What is mapped into memory is an Arrow copy that lies beside the folder until the program ends, or the memory itself
    where there is no room for one.
    """
    _prepare_datasets()
    with readable(folder, split) as path:
        try:
            return _mapped(path)
        except OSError as error:
            if error.errno is None:  # not of the system but of the reader
                raise
            return _in_memory(path)


@contextmanager
def readable(folder: Path, split: str, opened: bool = False) -> Iterator[Path]:
    """The file of a split; a DataError when it is not there, unless it is opened, or when the block can't read it."""
    import pyarrow as pa

    path = folder / f"{split}.parquet"
    if not opened and not path.is_file():
        raise DataError(f"no {path}: run prepare")
    try:
        yield path
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}); run prepare --force") from error


def _mapped(path: Path) -> Dataset:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import Dataset

    with ExitStack() as stack, pq.ParquetFile(path) as rows:
        copy = stack.enter_context(temporary(path.parent.parent, f".{path.parent.name}-{path.stem}.arrow"))
        with pa.ipc.new_stream(copy, rows.schema_arrow) as stream:
            for batch in rows.iter_batches(_BATCH):
                stream.write_batch(batch)
        found = Dataset.from_file(str(copy))
        atexit.register(stack.pop_all().close)
    return found


def _in_memory(path: Path) -> Dataset:
    import pyarrow.parquet as pq
    from datasets import Dataset

    return Dataset(pq.read_table(path))


def read_texts(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    """Titles and texts of a prepared split, a few thousand in memory at a time. Raises DataError."""
    for batch in batches(folder, split, ["title", "text"]):
        yield from zip(*(map(_text, batch.column(number).to_pylist()) for number in range(2)), strict=True)


def batches(folder: Path, split: str, columns: list[str]) -> Iterator[Any]:
    """Some columns of a prepared split as Arrow batches of a few thousand rows. Raises DataError."""
    import pyarrow.parquet as pq

    with readable(folder, split) as path, pq.ParquetFile(path) as file:
        yield from file.iter_batches(_BATCH, columns=columns)


def _text(value: str | None) -> str:
    return value or ""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a prepared corpus, None when there is none, or a damaged one."""
    try:
        manifest = read_json(folder / MANIFEST)
    except (OSError, ValueError):
        return None
    return manifest if _is_whole(manifest) else None


def _is_whole(manifest: Any) -> bool:
    """Whether a manifest has what its readers look for."""
    return (
        _has(manifest, _WHOLE)
        and all(_has(source, {"file": str, "sha256": str}) for source in manifest["sources"])
        and all(isinstance(count, int) for count in manifest["counts"].values())
        and all(_has(manifest["splits"].get(split), _SPLIT) for split in SPLITS)
    )


def _has(value: Any, kinds: Mapping[str, type]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), kind) for key, kind in kinds.items())


@contextmanager
def snapshot(folder: Path) -> Iterator[Path]:
    """The files of a prepared folder as they are now, in a folder of their own: another run may put new ones there.

    They are links, which take no room. Where none can be made the folder itself is given.
    """
    with ExitStack() as stack:
        try:
            clear(folder.parent)
            copy = stack.enter_context(temporary(folder.parent, f".{folder.name}-snapshot", folder=True))
            _link(folder, copy)
        except OSError:
            copy = folder
        yield copy


def _link(folder: Path, copy: Path) -> None:
    """Link the files of one folder into another, all from the folder that is there now. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        for name in os.listdir(opened):  # noqa: PTH208 - the open folder, whatever is at its path now
            os.link(name, copy / name, src_dir_fd=opened, follow_symlinks=False)
    finally:
        os.close(opened)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest beside the splits."""
    write_json(folder / MANIFEST, manifest)


def write_rejects(folder: Path, rejects: Iterable[Reject]) -> None:
    """Write every dropped row with its reason as JSON Lines."""
    lines = (
        json.dumps({"where": reject.where, "id": reject.id, "reason": reject.reason, "row": reject.row}, default=str)
        for reject in rejects
    )
    write_text(folder / REJECTS, "".join(line + "\n" for line in lines))


def _prepare_datasets() -> None:
    """Keep `datasets` from asking the Hub about local files, where the user has set nothing else, and from drawing."""
    for name, value in _OFFLINE.items():
        os.environ.setdefault(name, value)
    from datasets import disable_progress_bars

    disable_progress_bars()
