"""Guards of `modules`."""

import re
from types import SimpleNamespace

from tests.controls.switch import answers, becomes, controls_of

_T = "tests/rooms/modules/test_"

_GUARDS = {
    "sanitise._cleaner": (
        becomes(SimpleNamespace(clean=lambda html: html)),
        f"{_T}markdown.py::TestSafety::test_the_gate_holds_even_when_the_renderer_does_not",
    ),
    "maths._text": (
        lambda _guard: lambda text: text or "",
        f"{_T}markdown.py::TestSafety::test_a_text_within_a_formula_stays_a_text",
    ),
    "maths._DEFINES": (
        becomes(re.compile("(?!)")),
        f"{_T}markdown.py::TestSafety::test_a_formula_cannot_define_and_loop",
    ),
    "files._member_issues": (answers([]), f"{_T}hostile_files.py::test_a_name_that_leads_out_is_refused"),
    "files._size_issues": (answers([]), f"{_T}hostile_files.py::test_a_member_too_large_is_refused"),
    "files._member": (
        lambda _guard: lambda archive, info: archive.read(info),
        f"{_T}hostile_files.py::test_a_size_that_lies_is_noticed_before_the_rest_is_unpacked",
    ),
    "files._RATIO_FROM": (becomes(2**62), f"{_T}hostile_files.py::test_a_bomb_is_refused_without_being_unpacked"),
    "files._is_link": (answers(False), f"{_T}hostile_files.py::test_a_link_in_a_folder_is_refused"),
    "svg._Checker._refuse": (
        answers(None),
        f"{_T}media.py::test_an_svg_that_could_run_or_fetch_is_refused_with_its_line",
    ),
}

CONTROLS = controls_of("modules", _GUARDS)
