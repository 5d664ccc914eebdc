"""Makes data/taxonomy/world.json, the shapes of the world map, from Natural Earth's 1:110 million countries.

Natural Earth (naturalearthdata.com) is in the public domain. Its shapefiles come from the wheel geopandas==0.14.4
(`pip download --no-deps geopandas==0.14.4`), and the names of capitals from data/taxonomy/countries.csv. Borders are
as the UN's M49 list has them: Northern Cyprus belongs to Cyprus, Somaliland to Somalia, French Guiana to itself.

    python benchmarks/build_world.py geopandas-0.14.4-py2.py3-none-any.whl data/taxonomy/world.json
"""

from __future__ import annotations

import csv
import json
import struct
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pycountry

Ring = list[tuple[float, float]]
WIDTH, MIDDLE = 2000, 507
SHAPES = "geopandas/datasets/naturalearth_lowres/naturalearth_lowres"
CITIES = "geopandas/datasets/naturalearth_cities/naturalearth_cities"
OF_THE_UN = {"CYN": "CY", "SOL": "SO", "Kosovo": "XK"}
SMALL = 14.0
# Islands and enclaves that the 1:110 million shapes and capitals leave out, and the EU, which gets a place in the
# Atlantic: longitude, latitude in degrees.
OTHERS = {
    "AI": (-63, 18.2), "AS": (-170.7, -14.3), "AW": (-70, 12.5), "AX": (20, 60.2), "BL": (-62.8, 17.9),
    "BM": (-64.8, 32.3), "BQ": (-68.3, 12.2), "CC": (96.8, -12.2), "CK": (-159.8, -21.2), "CW": (-69, 12.2),
    "CX": (105.7, -10.5), "FO": (-6.9, 62), "GG": (-2.6, 49.5), "GI": (-5.4, 36.1), "GP": (-61.5, 16.2),
    "GU": (144.8, 13.4), "IM": (-4.5, 54.2), "IO": (72, -7), "JE": (-2.1, 49.2), "KI": (173, 1.4), "KY": (-81.2, 19.3),
    "MF": (-63.1, 18.1), "MO": (113.5, 22.2), "MP": (145.7, 15.2), "MQ": (-61, 14.6), "MS": (-62.2, 16.7),
    "NF": (168, -29), "NR": (166.9, -0.5), "NU": (-169.9, -19), "PF": (-149.5, -17.6), "PM": (-56.3, 46.9),
    "PN": (-128.3, -24.4), "RE": (55.5, -21.1), "SH": (-5.7, -16), "SJ": (16, 78.5), "SX": (-63, 18),
    "TC": (-71.8, 21.8), "TK": (-171.8, -9.2), "TV": (179, -8.5), "VG": (-64.6, 18.4), "VI": (-64.9, 17.7),
    "WF": (-176.2, -13.3), "YT": (45.2, -12.8), "GS": (-36.5, -54.4), "VA": (12.4, 41.9), "AD": (1.5, 42.5),
    "AG": (-61.8, 17.1), "MV": (73.5, 4.2), "PW": (134.5, 7.5), "SC": (55.5, -4.7), "ST": (6.7, 0.2), "EU": (-24, 44),
}  # fmt: skip


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees to map units, by the Natural Earth projection.

    Savric, Patterson and Jenny (2011), Polynomial approximation of the Natural Earth projection.
    """
    x, y = longitude * 3.14159265 / 180, latitude * 3.14159265 / 180
    two, four = y * y, y**4
    across = x * (0.8707 - 0.131979 * two + four * (-0.013791 + four * (0.003971 * two - 0.001529 * four)))
    along = y * (1.007226 + two * (0.015085 + four * (-0.044475 + 0.028874 * two - 0.005916 * four)))
    scale = WIDTH / (2 * 0.8707 * 3.14159265)
    return WIDTH / 2 + across * scale, MIDDLE - along * scale


def table(content: bytes) -> Iterator[dict[str, str]]:
    """The records of a dBASE file."""
    count, header, size = struct.unpack("<IHH", content[4:12])
    columns, offset = [], 32
    while content[offset] != 0x0D:
        columns.append((content[offset : offset + 11].split(b"\0")[0].decode(), content[offset + 16]))
        offset += 32
    for number in range(count):
        start, row = header + number * size + 1, {}
        for name, width in columns:
            row[name] = content[start : start + width].decode("utf-8", "replace").strip()
            start += width
        yield row


def shapes(content: bytes) -> Iterator[list[Ring]]:
    """The rings of each polygon, or each point as a ring of one, of an ESRI shapefile."""
    offset = 100
    while offset < len(content):
        words, kind = struct.unpack(">I", content[offset + 4 : offset + 8])[0], content[offset + 8]
        body = content[offset + 8 : offset + 8 + 2 * words]
        if kind == 1:
            yield [[struct.unpack("<2d", body[4:20])]]
        else:
            parts, points = struct.unpack("<2I", body[36:44])
            starts = [*struct.unpack(f"<{parts}I", body[44 : 44 + 4 * parts]), points]
            flat = struct.unpack(f"<{2 * points}d", body[44 + 4 * parts :])
            pairs = list(zip(flat[::2], flat[1::2], strict=True))
            yield [pairs[one:other] for one, other in pairwise(starts)]
        offset += 8 + 2 * words


def countries(wheel: ZipFile) -> dict[str, list[Ring]]:
    """The rings of each country, by ISO alpha-2 code."""
    found: dict[str, list[Ring]] = {}
    records = table(wheel.read(f"{SHAPES}.dbf"))
    for record, rings in zip(records, shapes(wheel.read(f"{SHAPES}.shp")), strict=True):
        known = pycountry.countries.get(alpha_3=record["iso_a3"])
        code = known.alpha_2 if known else OF_THE_UN.get(record["iso_a3"]) or OF_THE_UN[record["name"]]
        for ring in rings:
            found.setdefault(owner(code, ring), []).append(ring)
    found.pop("AQ")
    return found


def owner(code: str, ring: Ring) -> str:
    """The country that a ring belongs to: French Guiana has a code of its own."""
    return "GF" if code == "FR" and all(x < -50 for x, _ in ring) else code


def path(rings: list[Ring]) -> str:
    """Rings as an SVG path in whole map units, each point relative to the one before."""
    parts = []
    for ring in rings:
        points = [tuple(map(round, project(*point))) for point in ring]
        kept = [point for number, point in enumerate(points) if not number or point != points[number - 1]]
        steps = [(x - before[0], y - before[1]) for before, (x, y) in pairwise(kept)]
        if len(kept) > 3:
            parts.append(f"M{kept[0][0]} {kept[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps[:-1]) + "z")
    return "".join(parts).replace(" -", "-")


def points(wheel: ZipFile, drawn: dict[str, list[Ring]], codes: Path) -> dict[str, tuple[float, float]]:
    """Where countries too small to see or without a shape lie."""
    names = table(wheel.read(f"{CITIES}.dbf"))
    cities = zip(names, shapes(wheel.read(f"{CITIES}.shp")), strict=True)
    place = {record["name"].replace("-", " ").casefold(): rings[0][0] for record, rings in cities}
    found = {}
    with codes.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spot = OTHERS.get(row["code"]) or place.get(row["capital"].replace("-", " ").casefold())
            spot = spot or place.get(row["name"].casefold())
            if row["code"] in drawn:
                spot = middle(drawn[row["code"]])
            if spot:
                found[row["code"]] = spot
            else:
                print(f"no place for {row['code']} {row['name']}", file=sys.stderr)
    return {code: spot for code, spot in found.items() if code not in drawn or size(drawn[code]) < SMALL}


def middle(rings: list[Ring]) -> tuple[float, float]:
    """The middle of the largest ring."""
    ring = max(rings, key=len)
    xs, ys = zip(*ring, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def size(rings: list[Ring]) -> float:
    """The larger side of the box around all rings, in map units."""
    xs, ys = zip(*(project(*point) for ring in rings for point in ring), strict=True)
    return max(max(xs) - min(xs), max(ys) - min(ys))


def main(wheel_path: Path, target: Path) -> None:
    """Write the file."""
    with ZipFile(wheel_path) as wheel:
        drawn = countries(wheel)
        spots = points(wheel, drawn, Path("data/taxonomy/countries.csv"))
    world = {
        "width": WIDTH,
        "height": round(project(0, -58)[1]),
        "shapes": {code: path(drawn[code]) for code in sorted(drawn)},
        "points": {code: [round(value) for value in project(*spots[code])] for code in sorted(spots)},
    }
    target.write_text(json.dumps(world, separators=(",", ":")).replace('","', '",\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
