"""The paper: its code, its structure, its attachment, and how it looks with much or little to say."""

import io
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import pikepdf
import pytest
import typst
import zxingcpp
from PIL import Image

from lti_tool.credentials import DrawingFailed, Faces, draw, draw_picture, qr_matrix, qr_svg
from lti_tool.credentials.ornament import seal_svg
from lti_tool.credentials.scripts import OWN_FACES
from tests.needs import need
from tests.rooms.credentials.papers import paper
from tests.rooms.credentials.test_names import text_of

ADDRESSES = (
    "http://tool.localhost:8001/c/k7q4m2kxp9tbd3hw5rz8cfv6na",
    "https://credentials.aldermoor.example/c/k7q4m2kxp9tbd3hw5rz8cfv6na",
    "https://micro-credentials.school-of-information.aldermoor-university.example/c/k7q4m2kxp9tbd3hw5rz8cfv6na",
)


@pytest.fixture(scope="module")
def pdf(faces: Faces) -> bytes:
    return draw(faces, paper("Nguyễn Thị Ánh Tuyết"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_code_on_a_coarse_print_is_the_printed_address(faces: Faces, address: str, tmp_path):
    need(bool(shutil.which("pdftoppm")), "pdftoppm, from the package poppler-utils")
    pdf = draw(faces, paper("Suharto", address=address))
    command = ["pdftoppm", "-r", "72", "-png", "-singlefile", "-", str(tmp_path / "page")]
    subprocess.run(command, input=pdf, check=True, capture_output=True)
    with Image.open(tmp_path / "page.png") as picture:
        [read] = zxingcpp.read_barcodes(picture)
    assert read.text == address
    assert (read.format, read.ec_level) == (zxingcpp.BarcodeFormat.QRCode, "Q")
    assert address in text_of(pdf).replace(" /c/", "/c/")


def test_the_code_for_the_page_is_the_same_with_its_quiet_zone():
    address = ADDRESSES[1]
    matrix = qr_matrix(address)
    root = ElementTree.fromstring(qr_svg(address))
    side = len(matrix) + 8
    assert root.attrib["viewBox"] == f"0 0 {side} {side}"
    dark = [(int(x), int(y), int(w)) for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1", qr_svg(address))]
    drawn = {(x + step, y) for x, y, width in dark for step in range(width)}
    assert drawn == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}


def test_it_is_one_page_a4_landscape_tagged_and_archivable(pdf: bytes):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [page] = document.pages
        assert [round(float(side)) for side in page.MediaBox] == [0, 0, 842, 595]
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root
        assert str(document.Root.Lang) == "en"
        assert str(document.Root.OutputIntents[0].S) == "/GTS_PDFA1"
        with document.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"], said["pdfuaid:part"]) == ("3", "A", "1")
            assert said["dc:title"] == "Data protection essentials – Nguyễn Thị Ánh Tuyết"
        fonts = page.obj.Resources.Font
        assert {str(font.BaseFont).split("+")[1].split("-")[0] for font in fonts.values()} == {"NotoSerif", "NotoSans"}
        for font in fonts.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys()), "embedded"
        alternatives = [
            str(one.Alt) for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
        ]
        assert any("k7q4m2kxp9tbd3hw5rz8cfv6na" in text for text in alternatives)


def test_mending_the_text_layer_leaves_structure_and_attachment_alone(faces: Faces):
    with pikepdf.open(io.BytesIO(draw(faces, paper("श्रीकृष्ण")))) as document:
        assert document.check_pdf_syntax() == []
        assert document.attachments["credential.json"].get_file().read_bytes() == b'{"signed": true}'
        assert document.Root.MarkInfo.Marked
        with document.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfuaid:part"]) == ("3", "1")


def test_everything_the_record_says_stands_on_the_paper(pdf: bytes):
    text = text_of(pdf)
    for said in (
        "Aldermoor University",
        "Nguyễn Thị Ánh Tuyết",
        "Data protection essentials",
        "25 hours of work",
        "1 ECTS credit",
        "EQF level 5",
        "Result 86 % (pass mark 70 %)",
        "Recognise personal data in everyday work",
        "Awarded on",
        "24 November 2026",
        "Valid until",
        "24 November 2028",
        "7Q4M-2KXP-9TBD",
        "https://credentials.example.edu",
    ):
        assert said in text


def test_a_module_that_states_little_gets_a_paper_too(faces: Faces):
    bare = {"outcomes": (), "hours": None, "credits": None, "level": "", "result_percent": "", "valid_until": None}
    text = text_of(draw(faces, paper("Suharto", **bare)))
    assert "Valid until" not in text
    assert "None" not in text


def test_a_module_that_states_very_much_still_fits_on_one_page(faces: Faces):
    much = tuple(f"{n}. Explain to a colleague why this matters, and what to do about it today" for n in range(1, 13))
    title = "Advanced principles of the protection of personal data in cross-border research collaborations " * 2
    text = text_of(draw(faces, paper("Suharto", outcomes=much, title=title.strip(), organisation_name="U" * 80)))
    assert all(outcome in text for outcome in much)
    assert title.strip() in text


def test_foreign_words_elsewhere_are_set_with_their_own_faces(faces: Faces):
    said = {
        "title": "أساسيات حماية البيانات",
        "organisation_name": "東京大学",
        "outcomes": ("श्रम कानून जानना", "Знать закон"),
        "language": "ar",
    }
    text = text_of(draw(faces, paper("Layla", **said)))
    assert all(word in text for word in ("أساسيات حماية البيانات", "東京大学", "श्रम कानून जानना", "Знать закон"))


def test_a_warning_of_the_compiler_is_an_error(faces: Faces):
    class Forgetful(Faces):
        """Knows every face, and hands typst only those of the certificate's own words."""

        def typst_fonts(self) -> typst.Fonts:
            return self._gather(frozenset(spec for spec in OWN_FACES if self.face(spec)))

    forgetful = Forgetful(faces.folders)
    with pytest.raises(DrawingFailed) as failed:
        draw_picture(forgetful, paper("王秀英"))
    assert "unknown font family" in str(failed.value)
    assert "unknown font" not in failed.value.text, "the holder is not told of fonts"


def test_the_seal_is_computed_from_the_number():
    seals = {seal_svg(number) for number in ("7Q4M-2KXP-9TBD", "7Q4M-2KXP-9TBE", "AAAA-AAAA-AAAA")}
    assert len(seals) == 3
    assert seal_svg("7Q4M-2KXP-9TBD") in seals


def test_threads_draw_side_by_side_and_alike(faces: Faces, pdf: bytes):
    facts = paper("Nguyễn Thị Ánh Tuyết")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: draw(faces, facts), range(8))) == {pdf}


def test_another_moment_of_issue_is_another_file(faces: Faces, pdf: bytes):
    facts = paper("Nguyễn Thị Ánh Tuyết")
    assert draw(faces, replace(facts, issued_at=facts.issued_at.replace(minute=1))) != pdf
