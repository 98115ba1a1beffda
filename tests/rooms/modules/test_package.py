"""A package is read whole or refused whole, with every fault at its file and line, and what to do about it."""

from fractions import Fraction
from pathlib import Path

import pytest

from lti_tool.modules import ModuleDefinition, PackageFaults, Skill, read_package
from tests.rooms.modules.conftest import FILES, Build


def refusal(source: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(PackageFaults) as refused:
        read_package(source)
    assert all(issue.fatal and issue.fix for issue in refused.value.faults)
    return [(issue.path, issue.line, issue.problem) for issue in refused.value.faults]


def edited(path: str, old: str, new: str) -> dict[str, bytes]:
    text = FILES[path].decode()
    assert old in text
    return {path: text.replace(old, new).encode()}


class TestReading:
    def test_everything_the_author_wrote_is_there(self, folder: Build) -> None:
        package = read_package(folder())
        module = package.definition
        assert (module.slug, module.title, module.language, module.direction) == (
            "keeping-bees",
            "Keeping bees",
            "en",
            "ltr",
        )
        assert module.outcomes == ("Open a hive without harm", "Tell a queen from a drone")
        assert module.skills == (
            Skill("beekeeping", "http://data.europa.eu/esco/skill/bees"),
            Skill("patience", ""),
        )
        assert (module.level, module.hours, module.credits) == ("EQF 3", "0.5", "")
        assert (module.pass_percent, module.validity_months) == (Fraction(70), 24)
        # YAML would have made 1.1 of it.
        assert module.version_label == "1.10"
        assert module.description.startswith("<p>For people with a garden.")
        assert module.summary == "For people with a garden. You need a veil! And time."
        assert [(page.key, page.title, page.minutes, page.blocks) for page in module.pages] == [
            ("the-hive", "The hive", 1, 3),
            ("the-queen", "The queen", 4, 1),
        ]
        assert module.minutes == 1 + 4 + 2
        assert [item for section in module.form.sections for item in section.item_ids] == ["longest", "eggs"]
        assert module.form.pass_percent == 70
        assert package.media["media/hive.svg"].width == 320
        assert package.warnings == ()

    def test_a_definition_survives_json(self, folder: Build) -> None:
        module = read_package(folder()).definition
        again = ModuleDefinition.from_json(module.to_json())
        assert again == module
        assert again.to_json() == module.to_json()

    def test_a_zip_of_the_folder_is_the_same_package(self, folder: Build, zipped: Build) -> None:
        from_folder, from_zip = read_package(folder()), read_package(zipped())
        assert from_zip.digest == from_folder.digest
        assert from_zip.definition == from_folder.definition

    def test_a_zip_may_hold_the_files_at_its_top(self, folder: Build, zipped: Build) -> None:
        assert read_package(zipped(inside="")).digest == read_package(folder()).digest

    def test_what_desktops_leave_behind_is_not_looked_at(self, folder: Build) -> None:
        clean = read_package(folder()).digest
        assert read_package(folder({"media/.DS_Store": b"x", "__MACOSX/media/._hive.svg": b"x"})).digest == clean

    def test_any_change_makes_another_digest(self, folder: Build) -> None:
        before = read_package(folder()).digest
        assert read_package(folder(edited("module.md", "garden", "roof"))).digest != before

    def test_windows_line_ends_and_byte_order_marks_are_fine(self, folder: Build) -> None:
        windows = {
            name: b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n") for name, body in FILES.items() if name.endswith(".md")
        }
        assert read_package(folder(windows)).definition == read_package(folder()).definition

    def test_arabic_runs_from_right_to_left(self, folder: Build) -> None:
        assert read_package(folder(edited("module.md", "language: en", "language: ar"))).definition.direction == "rtl"

    def test_norwegian_is_a_language_and_not_a_truth_value(self, folder: Build) -> None:
        module = read_package(folder(edited("module.md", "language: en", "language: no"))).definition
        assert module.language == "no"

    def test_what_stops_nothing_is_a_warning(self, folder: Build) -> None:
        package = read_package(
            folder({"media/spare.svg": FILES["media/hive.svg"], "questions/spare.md": FILES["questions/eggs.md"]})
        )
        assert [(issue.path, issue.fatal) for issue in package.warnings] == [
            ("questions/spare.md", False),
            ("media/spare.svg", False),
        ]


FAULTS = [
    ("module.md", "title: Keeping bees\n", "", 1, "“title” is missing"),
    ("module.md", "language: en", "language: English!", 3, "not a language tag"),
    ("module.md", "  - Tell a queen from a drone\n", "", 4, "there are 1 outcomes"),
    ("module.md", "pass: 70", "pass: 170", 13, "“pass: 170” is not a number from 0 to 100"),
    ("module.md", "pass: 70", "pass: most", 13, "“pass: most”"),
    ("module.md", "validity: 2 years", "validity: soon", 14, "“soon” is not a length of time"),
    ("module.md", "level: EQF 3", "lvl: EQF 3", 11, "“lvl” is not known here"),
    ("module.md", "http://data.europa.eu/esco/skill/bees", "esco:bees", 9, "the skill's uri"),
    ("module.md", "level: EQF 3", "title: Again", 11, "“title” stands here twice"),
    ("module.md", "level: EQF 3", "level: a: b", 11, "the front matter cannot be read"),
    ("module.md", "level: EQF 3", "level: &a [*a]", 11, "& and *"),
    ("module.md", "level: EQF 3", "level: " + "[" * 20_000, 11, "nested too deeply"),
    ("module.md", "For people", "# Bees\n\nSee [](x)", 19, "leads nowhere"),
    ("pages/01-the-hive.md", "title: The hive", "titel: The hive", 2, "“titel” is not known here"),
    ("pages/01-the-hive.md", "![A hive, cut open]", "![]", 8, "has no description"),
    ("pages/01-the-hive.md", "(media/hive.svg)", "(media/hvie.svg)", 6, "there is no picture media/hvie.svg"),
    ("pages/02-the-queen.md", "She is longer.\n", "", 5, "the page is empty"),
    ("questions/longest.md", "  > It is broader.", "  > ![x](media/no.svg)", 9, "there is no picture"),
    ("questions/longest.md", "Who is the longest?", "Who?\n\n![x](media/no.svg)", 7, "there is no picture"),
    ("questions/longest.md", "- (x) The queen", "- ( ) The queen", 7, "there is no right choice"),
    ("questions/longest.md", "- ( ) The drone", "- (x) The drone", 8, "a second right choice"),
    ("questions/longest.md", "outcomes: [2]", "outcomes: [3]", 3, "the module has no outcome 3"),
    ("questions/eggs.md", "= 1500 ± 500", "= many", 6, "is not a number"),
    ("questions/eggs.md", "kind: number", "kind: " + "[" * 20_000, 2, "nested too deeply"),
    ("assessment.md", "attempts: 3", "attempts: &a [*a]", 3, "& and *"),
    ("assessment.md", "[longest, eggs]", "[longest, egg]", 5, "there is no question “egg”"),
]


class TestFaults:
    @pytest.mark.parametrize(("path", "old", "new", "line", "problem"), FAULTS)
    def test_each_names_file_line_and_fix(
        self, folder: Build, path: str, old: str, new: str, line: int, problem: str
    ) -> None:
        found = refusal(folder(edited(path, old, new)))
        assert any(where == path and at == line and problem in what for where, at, what in found), found

    def test_all_come_at_once_in_reading_order(self, folder: Build) -> None:
        changes: dict[str, bytes | None] = {}
        for path, old, new, *_rest in (FAULTS[0], FAULTS[14], FAULTS[21]):
            changes |= edited(path, old, new)
        found = refusal(folder({**changes, "assessment.md": None, "notes.txt": b"x"}))
        assert [path for path, _line, _problem in found] == sorted(
            ["module.md", "pages/01-the-hive.md", "questions/longest.md", "assessment.md", "notes.txt"]
        )

    def test_a_broken_question_is_not_reported_as_missing_too(self, folder: Build) -> None:
        found = refusal(folder(edited("questions/eggs.md", "= 1500 ± 500", "= many")))
        assert [path for path, _line, _problem in found] == ["questions/eggs.md"]

    def test_what_cannot_be_read_is_not_also_said_to_lack_everything(self, folder: Build) -> None:
        found = refusal(folder(edited("module.md", "level: EQF 3", "level: a: b")))
        assert [(path, line) for path, line, _problem in found] == [("module.md", 11)]

    def test_a_near_name_is_proposed(self, folder: Build) -> None:
        with pytest.raises(PackageFaults) as refused:
            read_package(folder(edited("pages/01-the-hive.md", "(media/hive.svg)", "(media/hvie.svg)")))
        assert "Did you mean media/hive.svg?" in refused.value.faults[0].fix

    @pytest.mark.parametrize("missing", ["module.md", "assessment.md"])
    def test_a_missing_file_is_said(self, folder: Build, missing: str) -> None:
        assert (missing, 0, "the file is missing") in refusal(folder({missing: None}))

    def test_a_package_without_pages(self, folder: Build) -> None:
        found = refusal(folder({"pages/01-the-hive.md": None, "pages/02-the-queen.md": None}))
        assert ("pages/", 0, "there are no pages") in found

    @pytest.mark.parametrize("name", ["pages/hive.md", "pages/1.md", "questions/Ä.md", "questions/a/b.md", "x.html"])
    def test_a_file_without_a_place_is_refused(self, folder: Build, name: str) -> None:
        assert (name, 0, "this file has no place in a module") in refusal(folder({name: b"---\ntitle: x\n---\nx"}))

    def test_two_pages_of_one_number(self, folder: Build) -> None:
        found = refusal(folder({"pages/01-zzz.md": FILES["pages/02-the-queen.md"]}))
        assert found == [("pages/01-zzz.md", 0, "it has the same number as pages/01-the-hive.md")]

    def test_a_folder_name_that_is_no_address(self, folder: Build) -> None:
        assert "address" in refusal(folder(name="Keeping Bees"))[0][2]

    def test_other_encodings_are_named_with_the_line(self, folder: Build) -> None:
        found = refusal(folder({"pages/02-the-queen.md": "---\ntitle: K\xf6nigin\n---\nx".encode("latin-1")}))
        assert ("pages/02-the-queen.md", 2, "this is not UTF-8 text") in found
        found = refusal(folder({"questions/eggs.md": b"---\nkind: number\n---\n\xff"}))
        assert ("questions/eggs.md", 4, "this is not UTF-8 text") in found

    def test_an_svg_that_could_run_something(self, folder: Build) -> None:
        bad = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n<script/></svg>'
        assert refusal(folder({"media/hive.svg": bad})) == [("media/hive.svg", 2, "it holds <script>")]

    def test_the_message_reads_as_a_list(self, folder: Build) -> None:
        with pytest.raises(PackageFaults) as refused:
            read_package(folder(edited("module.md", "pass: 70", "pass: 170")))
        assert refused.value.code == "modules.package"
        assert refused.value.text == (
            "The module “keeping-bees” was not published, and nothing was changed. Faults found: 1."
        )
        assert "module.md:13: “pass: 170” is not a number from 0 to 100. For example: pass: 70" in str(refused.value)
