"""Pictures of a package: what may be in one, how large it is, and under which rules it is served.

A file's first bytes must say the same as its name. SVG is shown by `<img>` alone and served under `MEDIA_POLICY`, so
that even a file opened by its address can do nothing.
"""

import hashlib
import struct
from dataclasses import dataclass

from lti_tool.modules.faults import MediaFault
from lti_tool.modules.svg import svg_size

MEDIA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The Content-Security-Policy of `/media/<sha256>`; `nosniff` belongs with it."""

MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
MAX_SIDE = 10_000


@dataclass(frozen=True)
class MediaFile:
    """A picture; width and height in CSS pixels as the file itself says."""

    sha256: str
    media_type: str
    body: bytes
    width: int | None
    height: int | None


def read_media(name: str, body: bytes) -> MediaFile:
    """The picture in `body`; MediaFault when it is none, is broken, or could run something."""
    suffix = name[name.rfind(".") :].lower()
    media_type = MEDIA_TYPES.get(suffix)
    if media_type is None:
        raise MediaFault(f"files of type {suffix} are not taken", "Use SVG, PNG, JPEG or WebP, or remove the file.")
    size = svg_size(body) if media_type == "image/svg+xml" else _raster_size(media_type, body)
    if not all(0 < side <= MAX_SIDE for side in size):
        raise MediaFault(f"the picture is {size[0]} × {size[1]} pixels", f"Make it at most {MAX_SIDE} pixels a side.")
    return MediaFile(hashlib.sha256(body).hexdigest(), media_type, body, size[0], size[1])


def _raster_size(media_type: str, body: bytes) -> tuple[int, int]:
    """Width and height from the header; nothing is decoded, so nothing can blow up."""
    reader = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/webp": _webp_size}[media_type]
    try:
        size = reader(body)
    except (struct.error, IndexError):
        size = None
    if size is None:
        kind = media_type.removeprefix("image/").upper()
        raise MediaFault(f"this is not a readable {kind} picture", f"Save it again as {kind}, or correct its name.")
    return size


def _png_size(body: bytes) -> tuple[int, int] | None:
    if body[:8] != b"\x89PNG\r\n\x1a\n" or body[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", body[16:24])
    return width, height


def _jpeg_size(body: bytes) -> tuple[int, int] | None:
    if body[:2] != b"\xff\xd8":
        return None
    place = 2
    while place < len(body):
        if body[place] != 0xFF:
            return None
        marker = body[place + 1]
        if marker == 0xFF:  # Fill bytes before a marker are allowed.
            place += 1
            continue
        # Start-of-frame markers carry the size; C4, C8 and CC share their range and are something else.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[place + 5 : place + 9])
            return width, height
        place += 2 + struct.unpack(">H", body[place + 2 : place + 4])[0]
    return None


def _webp_size(body: bytes) -> tuple[int, int] | None:
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP" or len(body) < 30:
        return None
    if body[12:16] == b"VP8X":
        return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
    if body[12:16] == b"VP8L":
        (bits,) = struct.unpack("<I", body[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if body[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", body[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
