"""Stems of words in other languages, by snowballstemmer where it is installed and knows the language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock

ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "eo": "esperanto",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_MEMORY = 200_000


@cache
def stemmer_of(language: str) -> Callable[[str], str] | None:
    """A function from a lower-case word to its stem; None where there is no stemmer for the language."""
    name = ALGORITHMS.get(language)
    if name is None:
        return None
    try:
        from snowballstemmer import stemmer
    except ImportError:
        return None
    make: Callable[[str], str] = stemmer(name).stemWord
    known: dict[str, str] = {}
    lock = Lock()  # a stemmer keeps the word that it works on

    def stem(word: str) -> str:
        found = known.get(word)
        if found is None:
            with lock:
                found = make(word)
            if len(known) < _MEMORY:
                known[word] = found
        return found

    return stem
