"""The compiled path against the Python one: the same tokens, terms, names, pair features and tags."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.progress import Progress
from pipeline.common.text import clean, clean_line
from pipeline.features.compiled import country_feature_numbers
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.compiled.country_features import find_pairs
from pipeline.features.compiled.lexicon import Growing, Lexicon
from pipeline.features.compiled.name_finder import Names
from pipeline.features.country_features import pair_features
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.name_senses import COMMON, GIVEN, SIDES, SURNAME, Senses
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles, document
from pipeline.features.tokens import Tokens, fold, tokenize
from pipeline.training.fit_tasks import tokenise

LEXICON = Lexicon()
SAMPLES = [path.read_text(encoding="utf-8") for path in sorted(Path("data/samples").glob("*.txt"))]
MARKS = st.text("aAbBsS..''19 éßЖж中’-Uus\n", max_size=40)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLACES = st.lists(
    st.sampled_from(
        "Libya libya LIBYA U.S. us US Georgia Georgian Paris in from place people other New York Chad Niger . , "  # noqa: SIM905
        "Congo Tehran Putin euro dollars Kremlin the President South Korea Korean Ohio Dublin Ohio Alabama "
        "Birmingham Texas Ala. N.H. Athens Turkish bath guinea pigs turkey China china and mexico Mexico Smith "
        "Michael Jordan Nice".split()
    ),
    max_size=40,
).map(" ".join)


@pytest.fixture(scope="module")
def plain() -> Gazetteer:
    return read_gazetteer(Path("data/taxonomy"))


@pytest.fixture(scope="module", params=["every name a place", "senses"])
def gazetteer(request: pytest.FixtureRequest, plain: Gazetteer) -> Gazetteer:
    """Without senses, and with some in which every rule has something to do."""
    if request.param != "senses":
        return plain
    words = {
        "in": (COMMON, 2.0, 0.5),
        "from": (COMMON, 1.0, 0.0),
        "people": (COMMON, 0.0, 0.3),
        "other": (COMMON, 0.0, 0),
    }
    words |= {"chad": (GIVEN, 0.0, 0.0), "paris": (GIVEN | SURNAME, 0.0, 0.0), "korea": (SURNAME, 0.0, 0.0)}
    classes, before, after = zip(*words.values(), strict=True)
    sides = np.random.default_rng(5).normal(0, 1.5, (2, SIDES))
    columns = np.array(classes, np.uint8), np.array(before), np.array(after)
    return plain.with_senses(Senses(tuple(words), *columns, sides, -1.5, 0.3))


def words(batch: Batch, field: int) -> Tokens:
    part = slice(batch.starts[field], batch.starts[field + 1])
    return Tokens([batch.lexicon.words[number] for number in batch.words[part]], batch.shapes[part].tolist())


@pytest.mark.parametrize("text", SAMPLES)
def test_samples_have_the_same_tokens(text: str) -> None:
    found, expected = words(encode([("", text)], LEXICON), 1), tokenize(clean(text))
    assert (found.words, found.shapes) == (expected.words, expected.shapes)


@settings(max_examples=400)
@given(st.one_of(MARKS, ANY), st.one_of(MARKS, ANY))
def test_any_text_has_the_same_tokens(title: str, text: str) -> None:
    batch = encode([(title, text)], LEXICON)
    for field, expected in enumerate((tokenize(clean_line(title)), tokenize(clean(text)))):
        found = words(batch, field)
        assert (found.words, found.shapes) == (expected.words, expected.shapes)


def test_thousands_of_words_make_the_table_grow() -> None:
    names = [f"w{number}x" for number in range(40_000)]
    batch = encode([("", " ".join(names)), ("", "y" * 200_000)], Lexicon())
    assert words(batch, 1).words == names
    assert words(batch, 3).words == ["y" * 200_000]
    assert fold(batch.lexicon.words[-1]) == "y" * 200_000


@settings(max_examples=60)
@given(st.lists(st.tuples(PLACES, st.one_of(PLACES, MARKS)), min_size=1, max_size=4))
def test_terms_are_counted_alike(pairs: list[tuple[str, str]]) -> None:
    features = TermFeatures(min_documents=1, masked=frozenset({"libya", "us", "paris"})).fit(encode(pairs))
    batch, docs = encode(pairs, LEXICON), Articles(document(clean_line(title), clean(text)) for title, text in pairs)
    for ours, theirs in zip(features.count(batch), features.count(docs), strict=True):
        assert np.array_equal(ours, theirs)


@settings(max_examples=30)
@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=3), st.integers(0, 9))
def test_pair_features_are_alike(gazetteer: Gazetteer, pairs: list[tuple[str, str]], seed: int) -> None:
    scored = np.arange(0, len(gazetteer.labels), 3)
    scores = np.random.default_rng(seed).normal(-1.4, 0.5, (len(pairs), len(scored)))
    batch, names = encode(pairs, LEXICON), Names(gazetteer, LEXICON)
    found = find_pairs(batch, names, len(gazetteer.labels), scores, scored)
    place = 0
    for row, pair in enumerate(pairs):
        doc = document(*pair)
        terms = dict(zip(scored.tolist(), scores[row].tolist(), strict=True))
        for code, expected in pair_features(gazetteer, doc, gazetteer.find(doc), terms).items():
            part = slice(found.ends[place], found.ends[place + 1])
            named = [country_feature_numbers.name_of(int(key), LEXICON, gazetteer) for key in found.keys[part]]
            assert (found.rows[place], found.columns[place]) == (row, code)
            assert sorted(named) == sorted(expected)
            for name, value in zip(named, found.values[part], strict=True):
                assert math.isclose(value, expected[name], rel_tol=1e-12, abs_tol=1e-12), name
            place += 1
    assert place == len(found.rows)
    names_found = sorted({country_feature_numbers.name_of(int(key), LEXICON, gazetteer) for key in found.keys})
    keys = country_feature_numbers.keys_of(names_found, LEXICON, gazetteer)
    assert [country_feature_numbers.name_of(int(key), LEXICON, gazetteer) for key in keys] == names_found


def test_names_that_are_not_known_have_no_key(gazetteer: Gazetteer) -> None:
    unknown = ["no such feature", "label=XX", "text of XX", "name title: atlantis=XX", "name body: libya=XX lower"]
    assert country_feature_numbers.keys_of(unknown, LEXICON, gazetteer).tolist() == [-1] * len(unknown)


def test_batches_are_chosen_from() -> None:
    lexicon = Lexicon()
    whole = encode([("One", "first text"), ("Two", ""), ("", "third article here")], lexicon)
    assert whole.lengths.tolist() == [3, 1, 3]
    assert whole[[2, 0]].lengths.tolist() == [3, 3]
    assert whole[1:].occurrences(["third", "two", "absent"]).tolist() == [1, 1]
    assert len(pickle.loads(pickle.dumps(lexicon))) == len(Lexicon())
    assert pickle.loads(pickle.dumps(whole[[2, 0]])).occurrences(["third", "one"]).tolist() == [1, 1]


def test_tokens_are_only_read_wherever_they_come_from() -> None:
    batch = encode([("A title", "Some text.")])
    on_disk = tokenise([{"title": "A title", "text": "Some text."}], Progress())
    assert np.array_equal(on_disk.words, batch.words)
    assert np.array_equal(on_disk.starts, batch.starts)
    for one in (batch, batch[:1], on_disk, pickle.loads(pickle.dumps(batch))):
        assert not any(array.flags.writeable for array in (one.words, one.shapes, one.starts))


def test_each_process_keeps_its_words_in_slots_of_its_own() -> None:
    """Nobody can write a text whose words all fall into one slot."""
    code = (
        "from pipeline.features.compiled.lexicon import Lexicon; lexicon = Lexicon();"
        "numbers = lexicon.numbers(['storm', 'flood', 'storm']).tolist();"
        "print(numbers, lexicon._table.slots.nonzero())"
    )
    told = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    (numbers, one), (again, other) = (done.stdout.split("]", 1) for done in told)
    assert (numbers, one != other) == (again, True)


def test_a_lexicon_grows_without_a_copy_for_each_new_word() -> None:
    growing = Growing(np.int32)
    rooms = set()
    for number in range(5000):
        growing.extend(np.array([number], np.int32))
        rooms.add(id(growing._room))
    assert growing.values.tolist() == list(range(5000))
    assert len(rooms) < 6
