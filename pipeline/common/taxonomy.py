"""The vocabularies: a tree of topics, and countries with the UN M49 groups they lie in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.common.csv_table import read_table
from pipeline.common.errors import DataError
from pipeline.common.label_tree import closed
from pipeline.common.project import project_file
from pipeline.common.text import normalized
from pipeline.common.wording import nearest

_MOST_HINTS, _LONGEST = 200, 100
_COLUMNS = ("iptc", "name", "parent", "scope", "ours")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its key, its IPTC NewsCode (may be empty), name, parent key (empty at the top) and scope note.

    `formerly` are names and keys that it had before, `ours` says why it stands elsewhere than in IPTC's tree.
    """

    key: str
    iptc: str = ""
    name: str = ""
    parent: str = ""
    scope: str = ""
    formerly: tuple[str, ...] = ()
    ours: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """One country: its code, English name, and the UN M49 groups around it, innermost first."""

    code: str
    name: str
    within: tuple[str, ...] = ()


@dataclass(slots=True)
class Taxonomy:
    """Topics by key and countries by code, each in the order of its file."""

    topics: dict[str, Topic] = field(default_factory=dict)
    countries: dict[str, Country] = field(default_factory=dict)
    _near: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, topics_csv: Path | None, countries_csv: Path | None) -> Taxonomy:
        """Read both vocabularies; None leaves one empty. Raises DataError for a file that can't be used."""
        topics = cls.from_csv(topics_csv).topics if topics_csv else {}
        return cls(topics, _read_countries(countries_csv) if countries_csv else {})

    @classmethod
    def from_csv(cls, path: Path) -> Taxonomy:
        """Topics from a CSV with a column `key` and, if given, `iptc`, `name`, `parent`, `scope`, `formerly` (names and
        keys before, separated by semicolons), `ours` and `retired`; a row with a date in `retired` is passed over.

        Raises DataError for a missing column, an empty or repeated key, an unknown parent, or a cycle.
        """
        topics: dict[str, Topic] = {}
        for line, row in _rows(path, "key"):
            if row.get("retired"):
                continue
            former = tuple(filter(None, map(str.strip, row.get("formerly", "").split(";"))))
            iptc, name, parent, scope, ours = (row.get(column, "") for column in _COLUMNS)
            topic = Topic(row["key"], iptc, name, parent, scope, former, ours)
            if topic.key in topics:
                raise DataError(f"{path}:{line}: the key '{topic.key}' stands twice; remove one of the two rows")
            topics[topic.key] = topic if topic.name else replace(topic, name=topic.key)
        _check_tree(topics, path)
        return cls(topics)

    @property
    def parents(self) -> dict[str, str]:
        """Each topic's parent, of the topics that have one."""
        return {key: topic.parent for key, topic in self.topics.items() if topic.parent}

    def parent(self, key: str) -> str:
        """The topic above; empty at the top, and for a key that the vocabulary doesn't hold."""
        return self.topics[key].parent if key in self.topics else ""

    def ancestors(self, key: str) -> list[str]:
        """The topics above `key`, nearest first; none for a key that the vocabulary doesn't hold."""
        above: list[str] = []
        while key in self.topics and self.topics[key].parent:
            key = self.topics[key].parent
            above.append(key)
        return above

    def closure(self, keys: Iterable[str]) -> list[str]:
        """`keys` and all that they imply: each key once, in the order given, then the parents."""
        return closed(keys, self.parent)

    def within(self, code: str) -> list[str]:
        """The groups that the country lies in, innermost first; none for a code of another vocabulary."""
        return list(self.countries[code].within) if code in self.countries else []

    def name(self, label: str) -> str:
        """The name of a topic key or country code; the label itself if it isn't in the vocabulary."""
        record = self.topics.get(label) or self.countries.get(label)
        return record.name if record else label

    def find(self, name: str) -> str | None:
        """The key or code whose name, key or NewsCode is `name`, in whatever case; None if there is none."""
        return self._names().get(name.strip().casefold())

    def with_levels(self, labels: Iterable[str], sign: str) -> Taxonomy:
        """The same with topics for labels such as `Sport/Football`, each under the level above it."""
        topics = dict(self.topics)
        for label in labels:
            parts = label.split(sign)
            for depth in range(len(parts)):
                key, parent = sign.join(parts[: depth + 1]), sign.join(parts[:depth])
                topics.setdefault(key, Topic(key, "", parts[depth], parent))
        return Taxonomy(topics, self.countries)

    def suggest(self, label: str) -> str | None:
        """The key of a topic, or the name of a country, most like a misspelt `label`; None if nothing is near.

        Looking takes milliseconds, so that after two hundred different labels, which are no typing errors any more, it
        is None for others.
        """
        wanted = label[:_LONGEST].strip().casefold()
        if wanted not in self._near and len(self._near) < _MOST_HINTS:
            names = {name: key for name, key in self._names().items() if key not in self.countries or len(name) > 3}
            near = names.get(nearest(wanted, names, 0.75))
            self._near[wanted] = near if near is None or near in self.topics else self.name(near)
        return self._near.get(wanted)

    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for country in self.countries.values():
            names |= {country.name.casefold(): country.code, country.code.casefold(): country.code}
        for topic in self.topics.values():
            names |= {form.casefold(): topic.key for form in topic.formerly if form.casefold() not in names}
        for topic in self.topics.values():
            names |= {form.casefold(): topic.key for form in (topic.iptc, topic.name, topic.key) if form}
        return names


def _rows(path: Path, required: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Line numbers and stripped rows of a CSV; raises DataError unless each row fills `required`."""
    for line, row in read_table(path, (required,), "a vocabulary in CSV"):
        clean = {name: value.strip() for name, value in row.items() if name}
        if not clean[required]:
            raise DataError(f"{path}:{line}: the column '{required}' is empty")
        yield line, clean


def _read_countries(path: Path) -> dict[str, Country]:
    countries: dict[str, Country] = {}
    for line, row in _rows(path, "code"):
        code = row["code"]
        if code in countries:
            raise DataError(f"{path}:{line}: the code '{code}' stands twice; remove one of the two rows")
        groups = tuple(group.strip() for group in row.get("within", "").split(";") if group.strip())
        countries[code] = Country(code, row.get("name") or code, groups)
    return countries


def _check_tree(topics: Mapping[str, Topic], path: Path) -> None:
    for topic in topics.values():
        if topic.parent and topic.parent not in topics:
            near = nearest(topic.parent, topics)
            hint = f"; did you mean '{near}'?" if near else ""
            raise DataError(f"{path}: the parent '{topic.parent}' of '{topic.key}' is not a key{hint}")
    for key in topics:
        _check_chain(topics, key, path)


def _check_chain(topics: Mapping[str, Topic], key: str, path: Path) -> None:
    chain: Sequence[str] = (key,)
    while parent := topics[chain[-1]].parent:
        if parent in chain:
            raise DataError(f"{path}: the parents form a cycle: {' > '.join((*chain, parent))}")
        chain = (*chain, parent)


class TopicNames:
    """Topics by key, name or NewsCode, in whatever case."""

    def __init__(self, topics: Iterable[tuple[str, str, str]]) -> None:
        """`topics` are keys, NewsCodes (may be empty) and names; what comes first wins."""
        self._keys: dict[str, str] = {}
        known = list(topics)
        for place in range(3):
            for topic in known:
                self._keys.setdefault(_topic_form(topic[place]), topic[0])
        self._keys.pop("", None)

    def find(self, label: str) -> str | None:
        """The key of the topic that a label names; None when it names none."""
        return self._keys.get(_topic_form(label))


_NEWSCODE = re.compile(r"(?:medtop:|subj:|https?://cv\.iptc\.org/newscodes/(?:mediatopic|subjectcode)/)?(\d{8})/?")


def _topic_form(written: str) -> str:
    code = _NEWSCODE.fullmatch(written.strip())
    return code[1] if code else " ".join(re.sub(r"[-_\s]+", " ", written.casefold()).split())


class CountryNames:
    """Countries by code, name, official or inverted name or alias, in whatever case, with or without accents."""

    def __init__(self, countries: Path) -> None:
        """Reads the vocabulary of countries and, beside it, `country_names.csv` (name, code, language): rows of any
        language may be added there. Raises DataError when the vocabulary can't be read."""
        self._codes: dict[str, str] = {}
        rows = [row for _, row in _rows(countries, "code")]
        more = project_file(countries.with_name(_MORE_NAMES))
        others = [(row["name"], row["code"]) for _, row in _rows(more, "name")] if more.is_file() else []
        aliases = [(alias, row["code"]) for row in rows for alias in row.get("aliases", "").split(";")]
        names = [(name, row["code"]) for row in rows for name in (row["code"], row.get("name", ""))]
        codes = {row["code"] for row in rows}
        for name, code in (*names, *aliases, *others):
            if code in codes:
                self._codes.setdefault(_country_key(name), code)
        self._codes.pop("", None)

    def find(self, label: str) -> str | None:
        """The code of the country that a label names; None when it names none."""
        return next((self._codes[key] for key in _country_keys(label) if key in self._codes), None)

    def code(self, label: str) -> str:
        """The code of a country; what is none comes back as it is."""
        return self.find(label) or label

    def __contains__(self, label: str) -> bool:
        return self.find(label) is not None


_MORE_NAMES = "country_names.csv"
_SHORT_WORDS = {"&": "and", "st": "saint", "ste": "sainte", "rep": "republic", "dem": "democratic", "fed": "federated",
                "isl": "islands", "prov": "province"}  # fmt: skip


def _country_keys(label: str) -> Iterable[str]:
    """The forms in which a name is looked up: as written, turned around at its comma, without what is in brackets."""
    yield _country_key(label)
    name, comma, rest = label.partition(",")
    if comma:
        yield _country_key(f"{rest} {name}")
    before, bracket, rest = label.partition("(")
    if bracket:
        yield _country_key(before)
        yield _country_key(rest.rstrip(") "))


def _country_key(name: str) -> str:
    """A name without case, accents, dots, hyphens, articles and abbreviations."""
    plain = "".join(sign for sign in normalized(name, "NFKD") if not unicodedata.combining(sign))
    signs = re.sub(r"[-_,()/\s]+", " ", re.sub("[.'\u2018\u2019`]", "", plain.casefold().replace("&", " & ")))
    return " ".join(_SHORT_WORDS.get(word, word) for word in signs.split() if word != "the")
