"""How fast text becomes tokens: what was tried for the predictor, on one core, in processor seconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")


def measure(prepared: Path, split: str = "test") -> list[dict[str, Any]]:
    """Megabytes a second of each way over a prepared split's titles and texts, the slowest first."""
    from benchmarks.throughput import median_seconds
    from pipeline.preparation import prepared_splits

    pairs = list(prepared_splits.read_texts(prepared, split))
    size = sum(len(part.encode()) for pair in pairs for part in pair) / 1e6
    found = [{"way": way, "mb_per_second": size / median_seconds(call)} for way, call in _ways(pairs).items()]
    return sorted(found, key=lambda row: float(str(row["mb_per_second"])))


def _ways(pairs: Sequence[tuple[str, str]]) -> dict[str, Callable[[], Any]]:
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

    from pipeline.common.text import clean, clean_line
    from pipeline.features.compiled.batch import encode
    from pipeline.features.compiled.lexicon import Lexicon
    from pipeline.features.texts import document

    texts = [f"{title}\n{text}" for title, text in pairs]
    counter = CountVectorizer().fit(texts)
    lexicon = Lexicon()
    return {
        "`str.split`, nothing else": lambda: [text.split() for text in texts],
        "findall of `[a-z0-9]+` on lower case, nothing else": lambda: [_WORD.findall(text.lower()) for text in texts],
        "findall, then a dict lookup for each token (CountVectorizer)": lambda: counter.transform(texts),
        "findall, then a hash for each token (HashingVectorizer)": lambda: HashingVectorizer().transform(texts),
        "Python, as single articles are read: clean, fold, tokens with case": lambda: [
            document(clean_line(title), clean(text)) for title, text in pairs
        ],
        "compiled, words all new": lambda: encode(pairs, Lexicon()),
        "compiled, words known": lambda: encode(pairs, lexicon),
        **_rust(texts),
    }


def _rust(texts: list[str]) -> dict[str, Callable[[], Any]]:
    """Hugging Face's tokenizers, where it is installed."""
    try:
        from tokenizers.pre_tokenizers import BertPreTokenizer
    except ImportError:
        return {}
    splitter = BertPreTokenizer()
    return {"Rust (tokenizers, BertPreTokenizer), nothing else": lambda: [splitter.pre_tokenize_str(t) for t in texts]}
