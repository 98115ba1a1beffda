"""Pictures: measured without being decoded; an SVG may draw and nothing else."""

import io

import pytest
from PIL import Image

from lti_tool.modules.faults import MediaFault
from lti_tool.modules.pictures import read_media

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str = "", attributes: str = 'viewBox="0 0 4 3"') -> bytes:
    return f"<svg {NS} {attributes}>\n{inside}\n</svg>".encode()


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_raster_pictures_are_measured(suffix: str) -> None:
    body = io.BytesIO()
    Image.new("RGB", (37, 23)).save(body, {"jpg": "JPEG"}.get(suffix, suffix.upper()))
    made = read_media(f"media/x.{suffix}", body.getvalue())
    assert (made.width, made.height) == (37, 23)


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_with_transparency_too(lossless: bool) -> None:
    body = io.BytesIO()
    Image.new("RGBA", (37, 23), (1, 2, 3, 99)).save(body, "WEBP", lossless=lossless)
    assert read_media("media/x.webp", body.getvalue()).width == 37


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.png", b"\xff\xd8\xff\xe0"),
        ("x.png", b""),
        ("x.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0"),
        ("x.jpg", b"\xff\xd8\xff"),
        ("x.jpg", b"\xff\xd8\xff\xe0\0\0\xff\xe0"),
        ("x.webp", b"RIFF\0\0\0\0WEBPVP8X"),
        ("x.jpg", b"<html>"),
        ("x.svg", b"\x89PNG\r\n\x1a\n"),
        ("x.exe", b"MZ"),
        ("x", b"MZ"),
        ("x.html", b"<html>"),
    ],
)
def test_what_is_no_picture_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(MediaFault):
        read_media(f"media/{name}", body)


def test_a_picture_too_large_to_show_is_refused() -> None:
    with pytest.raises(MediaFault, match="20000"):
        read_media("media/x.svg", svg(attributes='width="20000" height="10"'))


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 640 360"', (640, 360)),
        ('viewBox="0 0 640 360" width="320"', (320, 180)),
        ('viewBox="0,0,640,360" width="100%" height="100%"', (640, 360)),
        ('width="10mm" height="20mm"', (38, 76)),
    ],
)
def test_an_svg_says_how_large_it_is(attributes: str, size: tuple[int, int]) -> None:
    made = read_media("media/x.svg", svg(attributes=attributes))
    assert (made.width, made.height) == size


HARMLESS = [
    '<defs><linearGradient id="g"/></defs><rect fill="url(#g)"/>',
    '<use href="#g"/><use xlink:href="#g"/>',
    "<style>.a{fill:red;clip-path:url('#g')}</style><title>On line</title>",
    '<text xml:lang="ar" style="font-size:3px">نص</text>',
    '<animate attributeName="x" values="0;1"/>',
]


@pytest.mark.parametrize("inside", HARMLESS)
def test_drawings_pass(inside: str) -> None:
    assert read_media("media/x.svg", svg(inside)).media_type == "image/svg+xml"


HOSTILE = [
    "<script>alert(1)</script>",
    '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
    "<SCRIPT>alert(1)</SCRIPT>",
    '<rect onclick="alert(1)"/>',
    '<rect ONLOAD="alert(1)"/>',
    "<foreignObject/>",
    '<body xmlns="http://www.w3.org/1999/xhtml"/>',
    '<image href="https://evil.example/x.png"/>',
    '<image xlink:href="//evil.example/x.png"/>',
    '<use href="other.svg#x"/>',
    '<a href="javascript:alert(1)"><rect/></a>',
    '<a href=" java&#10;script:alert(1)"><rect/></a>',
    '<image href="data:image/svg+xml;base64,AAAA"/>',
    '<rect fill="url(https://evil.example/x)"/>',
    "<rect style=\"fill:url( 'https://evil.example/x')\"/>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>@\\69mport 'https://evil.example/x.css';</style>",
    "<style>.a{background:URL(//evil.example)}</style>",
    '<animate attributeName="href" values="javascript:alert(1)"/>',
    '<set attributeName="xlink:href" to="javascript:alert(1)"/>',
    '<set attributeName="onclick" to="alert(1)"/>',
    "<iframe/>",
    "<?xml-stylesheet href='https://evil.example/x.css'?>",
]


@pytest.mark.parametrize("inside", HOSTILE)
def test_an_svg_that_could_run_or_fetch_is_refused_with_its_line(inside: str) -> None:
    with pytest.raises(MediaFault) as refused:
        read_media("media/x.svg", svg(inside))
    assert refused.value.line in (2, 3)
    assert refused.value.fix


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE svg>",
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<?xml-stylesheet href="https://evil.example/x.css"?>',
    ],
)
def test_a_doctype_or_style_sheet_before_the_picture_is_refused(head: str) -> None:
    with pytest.raises(MediaFault):
        read_media("media/x.svg", head.encode() + svg())


def test_a_tower_of_elements_is_refused() -> None:
    with pytest.raises(MediaFault, match="nested"):
        read_media("media/x.svg", svg("<g>" * 5000 + "</g>" * 5000))
