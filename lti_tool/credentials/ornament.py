"""The ornaments of a certificate, drawn by formula as SVG: woven frame, watermark, the seal computed from the number.

In millimetres. Curves are cubic Bézier pieces through exact points with exact tangents; drawing them here and handing
typst one finished picture costs a fiftieth of computing them in the template.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import ceil, cos, pi, sin

INDIGO, BRASS, WATERMARK = "#2b3a85", "#8a6a1f", "#e6eaf5"
_Point = tuple[float, float]
_Curve = Callable[[float], tuple[_Point, _Point]]  # t → the point, and its derivative

_INSET, _BAND = 9.0, 6.5


@lru_cache(maxsize=4)
def frame_svg(width: float, height: float) -> str:
    """The woven frame with its rosettes and brass rules, and a pale rosette in the middle of the page."""
    long, short = width - 2 * (_INSET + _BAND + 2), height - 2 * (_INSET + _BAND + 2)
    side = _INSET + _BAND + 2
    across, upright = _band(long), _band(short)
    corner = _BAND + 3.2
    near, half = _INSET - 1.6, corner / 2
    rule = _INSET + _BAND + 2.2
    corners = "".join(
        f'<g transform="translate({x + half:g} {y + half:g})">{_rosette(half, 8, 0.22, 4, (1.0, 0.5))}</g>'
        for x in (near, width - near - corner)
        for y in (near, height - near - corner)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" fill="none">'
        f'<g stroke="{WATERMARK}" stroke-width=".1" transform="translate({width / 2:g} {height / 2 - 7:g})">'
        f"{_rosette(76, 18, 0.16, 8, (1.0, 0.74, 0.48))}</g>"
        f'<g stroke="{INDIGO}" stroke-width=".1">'
        f'<g transform="translate({side:g} {_INSET:g})">{across}</g>'
        f'<g transform="translate({side:g} {height - _INSET - _BAND:g})">{across}</g>'
        f'<g transform="translate({_INSET + _BAND:g} {side:g}) rotate(90)">{upright}</g>'
        f'<g transform="translate({width - _INSET:g} {side:g}) rotate(90)">{upright}</g></g>'
        f'<g stroke="{BRASS}" stroke-width=".12">{corners}'
        f"{_rectangle(rule, width, height, 0.32)}{_rectangle(rule + 1.1, width, height, 0.1)}</g></svg>"
    )


def seal_svg(number: str) -> str:
    """The seal of one certificate, 43 wide, with an empty ring for its words: no two numbers give the same."""
    chance = hashlib.sha256(number.encode()).digest()
    outer = 30 + chance[0] % 15
    rim = _rosette(21.5, outer, 0.045 + 0.03 * chance[1] / 255, 4, (1.0, 0.94))
    lobes, depth, copies = 8 + chance[2] % 10, 0.2 + 0.12 * chance[3] / 255, 4 + chance[4] % 3
    heart = _rosette(12.5, lobes, depth, copies, (1.0, 0.66), chance[5] / 255)
    core = _rosette(6.4, 3 + chance[6] % 5, 0.12 + 0.08 * chance[7] / 255, 3, (1.0,), chance[8] / 255)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-21.5 -21.5 43 43" fill="none">'
        f'<g stroke="{BRASS}" stroke-width=".1">{rim}</g>'
        f'<circle r="17.7" fill="#fff" stroke="{INDIGO}" stroke-width=".25"/>'
        f'<g stroke="{INDIGO}"><circle r="17.1" stroke-width=".09"/><circle r="13.1" stroke-width=".14"/></g>'
        f'<g stroke="{BRASS}" stroke-width=".1">{heart}</g><g stroke="{INDIGO}" stroke-width=".16">{core}</g>'
        f'<path fill="{INDIGO}" d="{_star(2.8)}"/></svg>'
    )


@lru_cache(maxsize=2)
def star_svg() -> str:
    """A four-pointed star in brass: fonts do not agree on having one."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 2 2"><path fill="{BRASS}" d="{_star(1.0)}"/></svg>'


def _rosette(radius: float, lobes: int, depth: float, copies: int, rings: tuple[float, ...], turn: float = 0.0) -> str:
    """r(t) = R (1 - a + a cos(n t + phase)), several times with shifted phase, in rings."""
    paths = (
        _path(_lobed(radius * ring, lobes, depth, (copy / copies + turn) * 2 * pi + place * 0.3), lobes * 6)
        for place, ring in enumerate(rings)
        for copy in range(copies)
    )
    return f'<path d="{"".join(paths)}"/>'


def _lobed(radius: float, lobes: int, depth: float, phase: float) -> _Curve:
    def at(t: float) -> tuple[_Point, _Point]:
        angle = 2 * pi * t
        r = radius * (1 - depth + depth * cos(lobes * angle + phase))
        dr = -radius * depth * lobes * sin(lobes * angle + phase)
        x, y = cos(angle), sin(angle)
        return (r * x, r * y), (2 * pi * (dr * x - r * y), 2 * pi * (dr * y + r * x))

    return at


def _band(length: float, wave: float = 13.0, copies: int = 5) -> str:
    """Woven sines of equal wave length and shifted phase, and their mirror images."""
    waves = max(1, round(length / wave))
    paths = (
        _path(_wave(length, waves, copy * pi / copies, sign), waves * 4) for copy in range(copies) for sign in (1, -1)
    )
    return f'<path d="{"".join(paths)}"/>'


def _wave(length: float, waves: int, phase: float, sign: int) -> _Curve:
    reach = sign * 0.46 * _BAND

    def at(t: float) -> tuple[_Point, _Point]:
        angle = 2 * pi * waves * t + phase
        return (length * t, _BAND / 2 + reach * sin(angle)), (length, reach * 2 * pi * waves * cos(angle))

    return at


def _path(curve: _Curve, pieces: int) -> str:
    return "".join(_pieces(curve, ceil(pieces)))


def _pieces(curve: _Curve, pieces: int) -> Iterator[str]:
    """The curve for t from 0 to 1 as Bézier pieces (Hermite form)."""
    step = 1 / pieces
    (x, y), (dx, dy) = curve(0.0)
    yield f"M{x:.2f} {y:.2f}"
    for piece in range(1, pieces + 1):
        (nx, ny), (ndx, ndy) = curve(piece * step)
        third = step / 3
        first, second = (x + dx * third, y + dy * third), (nx - ndx * third, ny - ndy * third)
        yield f"C{first[0]:.2f} {first[1]:.2f} {second[0]:.2f} {second[1]:.2f} {nx:.2f} {ny:.2f}"
        x, y, dx, dy = nx, ny, ndx, ndy


def _rectangle(at: float, width: float, height: float, stroke: float) -> str:
    return f'<path stroke-width="{stroke:g}" d="M{at:g} {at:g}H{width - at:g}V{height - at:g}H{at:g}z"/>'


def _star(radius: float) -> str:
    points = [(radius * (1 if k % 2 == 0 else 0.27), k * pi / 4) for k in range(8)]
    return "M" + "L".join(f"{r * sin(a):.3f} {-r * cos(a):.3f}" for r, a in points) + "z"
