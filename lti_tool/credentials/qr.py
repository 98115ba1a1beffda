"""The QR code of a verification address: level Q (a quarter of it may be lost), four modules of quiet around it."""

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

QUIET = 4


@lru_cache(maxsize=512)
def qr_matrix(url: str) -> tuple[tuple[bool, ...], ...]:
    """The modules, row by row, True for dark, without the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(url, optimize=0)  # One byte segment: every decoder reads it back as it was written.
    code.make(fit=True)
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


@lru_cache(maxsize=512)
def qr_svg(url: str) -> str:
    """The code as an SVG of one path, quiet zone included; it scales without blur."""
    matrix = qr_matrix(url)
    side = len(matrix) + 2 * QUIET
    runs = "".join(
        f"M{start + QUIET} {y + QUIET}h{end - start}v1h-{end - start}z"
        for y, row in enumerate(matrix)
        for start, end in _dark_runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{runs}"/></svg>'
    )


def _dark_runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Where dark modules begin and end in one row: one rectangle a run leaves no hairlines between modules."""
    edges = [x for x in range(len(row) + 1) if (x > 0 and row[x - 1]) != (x < len(row) and row[x])]
    return list(zip(edges[::2], edges[1::2], strict=True))
