"""Tests of the world map."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
from matplotlib.path import Path

from pipeline.common.taxonomy import Taxonomy
from pipeline.reporting.world import SHAPES, shapes, step, world_svg


def outlines(path: str) -> list[np.ndarray]:
    """The rings, each (points, 2), of a path of `Mx yl` steps and `z`, as world.json has them."""
    found = []
    for part in path.split("z")[:-1]:
        numbers = np.array(re.findall(r"-?\d+", part), float).reshape(-1, 2)
        found.append(np.cumsum(numbers, axis=0))
    return found


def test_nearly_every_country_of_the_taxonomy_has_a_place() -> None:
    codes = set(Taxonomy.load(None, SHAPES.parent / "countries.csv").countries)
    placed = set(shapes()["shapes"]) | set(shapes()["points"])
    assert codes - placed <= {"AQ", "BV", "HM", "UM"}
    assert placed <= codes
    assert SHAPES.stat().st_size < 100_000


def test_places_lie_where_they_should() -> None:
    middle = {code: np.vstack(outlines(shapes()["shapes"][code])).mean(axis=0) for code in ("BR", "CN", "NO", "ZA")}
    assert middle["BR"][0] < middle["NO"][0] < middle["CN"][0]
    assert middle["NO"][1] < middle["CN"][1] < middle["ZA"][1]
    x, y = shapes()["points"]["SG"]
    malaysia = np.vstack(outlines(shapes()["shapes"]["MY"]))
    assert malaysia[:, 0].min() - 30 < x < malaysia[:, 0].max()
    assert 0 < y < shapes()["height"]


def test_crimea_is_drawn_with_ukraine() -> None:
    around = outlines(shapes()["shapes"]["UA"])
    assert any(Path(ring).contains_point((1171, 216)) for ring in around)


def test_the_map_is_valid_xml_and_escapes_titles() -> None:
    svg = world_svg({"FR": 1.0, "MT": 0.2, "EU": 0.5}, {"FR": '<b>"France" & co'}, legend="F1 <of>", label='a "map"')
    root = ElementTree.fromstring(svg)
    assert "<b>" not in svg
    assert root.attrib["aria-label"] == 'a "map"'
    assert len(re.findall("<circle", svg)) == 2
    assert ' class="v4"><title>&lt;b&gt;' in svg
    assert 'class="v1"><title>MT' in svg


def test_a_map_without_values_and_unknown_codes_are_no_error() -> None:
    assert 'class="v' not in world_svg({})
    assert 'class="v' not in world_svg({"XX": 1.0, "AQ": 3.0})
    assert world_svg({"FR": 0.0}).count('class="v0"') == 1


def test_steps_cover_the_scale() -> None:
    assert [step(value, 1.0) for value in (0, 0.19, 0.2, 0.5, 0.99, 1, 7, -1)] == [0, 0, 1, 2, 4, 4, 4, 0]
