"""A world map as inline SVG: countries filled by a value, the smallest ones drawn as circles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from pipeline.common.project import shipped

SHAPES = Path("data/taxonomy/world.json")
# A sequential scale from light to dark blue, readable with every colour vision; on dark pages it runs the other way.
LIGHT = ("#bcd7ec", "#8bbfe0", "#519ccb", "#2676b8", "#0b4a8f")
DARK = ("#1b4a7a", "#2a6cab", "#4d97cf", "#8cc1e6", "#d6e9f7")
_STYLE = """
.world{{--world-land:#e9e9e4;--world-line:#ffffff;--world-text:#333;{light}}}
@media (prefers-color-scheme:dark){{.world{{--world-land:#33373d;--world-line:#1b1d21;--world-text:#ccc;{dark}}}}}
:root[data-theme=light] .world{{--world-land:#e9e9e4;--world-line:#ffffff;--world-text:#333;{light}}}
:root[data-theme=dark] .world{{--world-land:#33373d;--world-line:#1b1d21;--world-text:#ccc;{dark}}}
.world path,.world circle{{fill:var(--world-land);stroke:var(--world-line);stroke-width:1.2}}
.world text{{fill:var(--world-text);font:28px system-ui,sans-serif}}{steps}
"""


@cache
def shapes() -> dict[str, Any]:
    """`width` and `height` of the map, `shapes` (SVG paths) and `points` (x, y) by ISO alpha-2 code.

    Natural Earth 1:110 million, public domain, in the Natural Earth projection; see benchmarks/build_world.py.
    """
    found: dict[str, Any] = json.loads((shipped() / SHAPES).read_text(encoding="utf-8"))
    return found


def world_svg(
    values: Mapping[str, float],
    titles: Mapping[str, str] | None = None,
    legend: str = "",
    largest: float | None = None,
    label: str = "World map",
) -> str:
    """An `<svg>` element with each country of `values` (ISO alpha-2 codes, `EU` too) filled by its value.

    Values run from 0 to `largest` (their maximum unless given); codes without a place on the map are left out. `titles`
    are shown while the pointer rests on a country, `legend` says what the colours mean, `label` is read out in place of
    the picture. Colours follow `prefers-color-scheme` and `data-theme` of the page's root.
    """
    world = shapes()
    top = largest or max(values.values(), default=0.0) or 1.0
    parts = [f"<style>{_style()}</style>"]
    for code, path in world["shapes"].items():
        parts.append(_element(f'path d="{path}"', "path", _step(values.get(code), top), (titles or {}).get(code, code)))
    for code, (x, y) in world["points"].items():
        if code in values:
            parts.append(f'<text x="{x - 58}" y="{y + 10}">EU</text>' if code == "EU" else "")
            element = f'circle cx="{x}" cy="{y}" r="11"'
            parts.append(_element(element, "circle", _step(values[code], top), (titles or {}).get(code, code)))
    parts += _legend(legend, top, world["height"]) if legend else []
    box = f"0 0 {world['width']} {world['height'] + (50 if legend else 0)}"
    name = escape(label, quote=True)
    content = "".join(parts)
    opening = f'<svg class="world" viewBox="{box}" role="img" aria-label="{name}"'
    return f'{opening} width="100%">{content}</svg>'


def step(value: float, largest: float) -> int:
    """Which of the five colours a value gets, 0 to 4."""
    return min(len(LIGHT) - 1, max(0, int(value / largest * len(LIGHT))))


def _step(value: float | None, largest: float) -> str:
    return "" if value is None else f' class="v{step(value, largest)}"'


def _element(opening: str, tag: str, style: str, title: str) -> str:
    return f"<{opening}{style}><title>{escape(title)}</title></{tag}>"


def _style() -> str:
    light, dark = (
        "".join(f"--world-{number}:{colour};" for number, colour in enumerate(scale)) for scale in (LIGHT, DARK)
    )
    steps = "".join(f"\n.world .v{number}{{fill:var(--world-{number})}}" for number in range(len(LIGHT)))
    return _STYLE.format(light=light, dark=dark, steps=steps)


def _legend(text: str, largest: float, top: float) -> list[str]:
    boxes = [
        f'<rect class="v{number}" x="{20 + 60 * number}" y="{top + 12}" width="60" height="26"/>'
        for number in range(len(LIGHT))
    ]
    end = 20 + 60 * len(LIGHT)
    return [
        *boxes,
        f'<text x="{end + 12}" y="{top + 35}">0 to {largest:,.3g} · {escape(text)}</text>',
    ]
