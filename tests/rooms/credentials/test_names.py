"""The name guarantee: every name is set with the right glyphs and reads right, or it is not set at all."""

import subprocess
import unicodedata
from functools import cache

import pytest

from lti_tool.credentials import CannotSet, Faces, check_name, draw, printable_name
from lti_tool.credentials.scripts import OWN_FACES
from lti_tool.credentials.typesetting import fit_name
from tests.needs import need
from tests.rooms.credentials.glyphs import set_in, shaped
from tests.rooms.credentials.papers import paper

LONG = "Maria Aurelia Francisca Constanza de los Ángeles Villanueva-Montenegro y Fernández de Córdoba"
NAMES = {
    "polish": "Łucja Żółkiewska-Ødegård",
    "vietnamese": "Nguyễn Thị Ánh Tuyết",
    "chinese": "王秀英",
    "chinese with a dot": "阿卜杜拉·买买提",
    "arabic": "محمد الأحمد بن عبد الله",
    "persian": "علی رضا پورمحمدی",
    "devanagari": "श्रीकृष्ण क्षेत्रपाल",
    "mononym": "Suharto",
    "ninety characters": LONG,
    "latin and han": "Wang 王秀英",
    "japanese": "山田 たろう",
    "korean": "김민준",
    "greek": "Ελένη Παπαδοπούλου",
    "cyrillic": "Світлана Їжакевич",
    "hebrew": "שרה בן־דוד",
    "bengali": "শ্রীমতী রবীন্দ্রনাথ",
    "tamil": "ஶ்ரீ லக்ஷ்மி",
    "thai": "สมชาย ใจดี",
    "georgian": "ნინო გელაშვილი",
    "armenian": "Արամ Խաչատրյան",
    "ethiopic": "አበበ ቢቂላ",
    "khmer": "សុខ ចិន្តា",
    "sinhala": "ශ්‍රී ජයවර්ධන",
    "burmese": "ဒေါ်အောင်ဆန်းစုကြည်",
    "malayalam": "ശ്രീകുമാർ",
}
MIXED = "Layla ليلى الحسيني O’Brien 王"
_BIDI_MARKS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def text_of(pdf: bytes) -> str:
    """What pdftotext reads: without its own direction marks, white space made single."""
    need(_pdftotext(), "pdftotext, from the package poppler-utils")
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    text = unicodedata.normalize("NFC", done.stdout.decode())
    return " ".join(text.translate(_BIDI_MARKS).split())


@cache
def _pdftotext() -> bool:
    return subprocess.run(["sh", "-c", "command -v pdftotext"], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_glyphs_are_those_of_the_named_face_and_the_text_reads_back(faces: Faces, name: str):
    name = printable_name(name)
    pdf = draw(faces, paper(name))
    fitted = fit_name(faces, name, width_mm=215)
    expected = [outline for line in fitted.lines for outline in shaped(faces.runs(line))]
    assert set_in(pdf, fitted.size) == expected
    assert len(fitted.lines) == (2 if name == LONG else 1)
    assert name in text_of(pdf)


def test_a_vowel_sign_under_its_letter_is_no_gap_to_a_reader(faces: Faces):
    assert "श्रीकृष्ण क्षेत्रपाल" in text_of(draw(faces, paper("श्रीकृष्ण क्षेत्रपाल")))


def test_a_name_in_two_directions_is_set_run_by_run(faces: Faces):
    pdf = draw(faces, paper(MIXED))
    assert set_in(pdf, fit_name(faces, MIXED, width_mm=215).size) == shaped(faces.runs(MIXED))
    read = text_of(pdf)
    # Where directions meet, pdftotext misplaces the space between two words; the words themselves are whole.
    assert all(word in read for word in MIXED.split())
    assert [run.face.spec.family for run in faces.runs(MIXED)] == [
        "Noto Serif",
        "Noto Naskh Arabic",
        "Noto Serif",
        "Noto Serif CJK SC",
    ]


def test_the_comparison_notices_a_wrong_face(faces: Faces):
    name = NAMES["devanagari"]
    runs = faces.runs(name)
    glyphs = set_in(draw(faces, paper(name)), fit_name(faces, name, width_mm=215).size)
    folder = runs[0].face.path.parent
    for wrong in ("NotoSerif-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoSerifDevanagari-Bold.ttf"):
        assert glyphs != shaped(runs, str(folder / wrong))
    assert glyphs != shaped(faces.runs("श्रीकृष्ण क्षत्रपाल")), "one vowel sign less"


@pytest.mark.parametrize(
    "name", ["שָׂרָה בן־דוד", "مُحَمَّد", "علی‌رضا"], ids=["pointed hebrew", "vocalised arabic", "persian with a joiner"]
)
def test_points_and_joiners_of_right_to_left_letters_are_set_right(faces: Faces, name: str):
    # pdftotext puts them one letter off; what is on the paper is right.
    name = printable_name(name)
    pdf = draw(faces, paper(name))
    assert set_in(pdf, fit_name(faces, name, width_mm=215).size) == shaped(faces.runs(name))


@pytest.mark.parametrize("name", [*NAMES.values(), MIXED], ids=[*NAMES, "mixed"])
def test_without_the_faces_no_name_is_set(no_faces: Faces, name: str):
    name = printable_name(name)
    check = check_name(no_faces, name)
    assert not check.ok
    assert check.missing
    assert "make fonts" in check.reason
    with pytest.raises(CannotSet):
        draw(no_faces, paper(name))


def test_one_missing_face_holds_the_names_that_need_it_and_no_others(faces: Faces, tmp_path):
    for spec in {run.face.spec for run in faces.runs("Abc")} | set(OWN_FACES):
        (tmp_path / spec.file).symlink_to(faces.face(spec).path)
    few = Faces.find(tmp_path)
    assert draw(few, paper("Łucja Żółkiewska-Ødegård"))
    with pytest.raises(CannotSet, match="Devanagari"):
        draw(few, paper("श्रीकृष्ण"))
    with pytest.raises(CannotSet, match="learning outcome"):
        draw(few, paper("Suharto", outcomes=("जानना",)))


def test_a_face_with_another_hash_is_not_used(faces: Faces, tmp_path):
    for spec in OWN_FACES:
        body = faces.face(spec).path.read_bytes()
        (tmp_path / spec.file).write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    other = Faces.find(tmp_path)
    assert all(other.face(spec) is None for spec in OWN_FACES)
    with pytest.raises(CannotSet, match="make fonts"):
        draw(other, paper("Suharto"))


def test_fonts_that_arrive_later_are_found_without_a_restart(faces: Faces, tmp_path):
    late = Faces.find(tmp_path)
    assert late.lacks_own()
    for spec in late.missing():
        target = tmp_path / spec.file
        if not target.exists():
            target.symlink_to(faces.face(spec).path)
    assert not late.missing()
    assert draw(late, paper("王秀英"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("𝐀lice", "no form for U+1D400"),
        ("Alice 😀", "no form for U+1F600"),
        ("्राम", "without the letter"),
        ("Aliceि", "without the letter"),
    ],
)
def test_what_no_face_sets_whole_is_held_with_the_reason(faces: Faces, name: str, reason: str):
    check = check_name(faces, name)
    assert not check.ok
    assert reason in check.reason
    with pytest.raises(CannotSet):
        draw(faces, paper(name))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("ᠮᠣᠩᠭᠣᠯ", "no tested font for Mongolian yet"), ("A\u202elice", "U+202E RIGHT-TO-LEFT OVERRIDE")],
    ids=["a script without a face", "a hidden direction"],
)
def test_what_has_no_face_at_all_is_held_with_the_reason(faces: Faces, name: str, reason: str):
    assert reason in check_name(faces, name).reason
    with pytest.raises(CannotSet):
        draw(faces, paper(name))


@pytest.mark.parametrize(
    "name",
    ['#panic("x") *bold* $a$', "<b>Bobby</b> & Sons", "O’Brien–O'Neill, Jr.", "{{ 7*7 }} \\ \\u{41}", "a/*b*/ //c @d"],
)
def test_markup_in_a_name_is_printed_and_not_obeyed(faces: Faces, name: str):
    assert name in text_of(draw(faces, paper(name)))


@pytest.mark.parametrize("name", ["W" * 200, "王" * 200, "ab " * 66, "م" * 200])
def test_the_longest_names_fit_the_page(faces: Faces, name: str):
    fitted = fit_name(faces, name.strip(), width_mm=215)
    assert len(fitted.lines) <= 2
    assert draw(faces, paper(name.strip()))


def test_common_characters_go_with_their_neighbour_where_its_face_has_them(faces: Faces):
    assert [(run.text, run.code) for run in faces.runs("عبد-الله 2")] == [
        ("عبد", "Arab"),
        ("-", "Latn"),
        ("الله 2", "Arab"),
    ]
    assert [run.text for run in faces.runs("Anne-Marie O’Neill 3rd")] == ["Anne-Marie O’Neill 3rd"]
    assert [(run.text, run.face.spec.family[-2:]) for run in faces.runs("山田たろう")] == [
        ("山田", "JP"),
        ("たろう", "JP"),
    ]
    assert faces.runs("") == ()
