"""Guards of `credentials`."""

from pathlib import Path
from typing import Any

from lti_tool.credentials import Verdict
from tests.controls.switch import Guard, answers, controls_of, echoes

_T = "tests/rooms/credentials/test_"


def _any_file(_locate: Guard) -> Guard:
    """Takes the first file of the right name, whatever is in it."""

    def locate(self: Any, spec: Any) -> Path | None:
        return next((folder / spec.file for folder in self.folders if (folder / spec.file).is_file()), None)

    return locate


_GUARDS = {
    "files.is_kind": (answers(True), "tests/web/test_attacks.py::test_an_id_that_cannot_be_one_is_just_unknown"),
    "faces._fault": (answers(""), f"{_T}names.py::test_what_no_face_sets_whole_is_held_with_the_reason"),
    "faces.Faces._locate": (_any_file, f"{_T}names.py::test_a_face_with_another_hash_is_not_used"),
    "certificate.cannot_set": (answers(None), f"{_T}names.py::test_without_the_faces_no_name_is_set"),
    "certificate._refuse_warnings": (
        answers(None),
        f"{_T}certificate.py::test_a_warning_of_the_compiler_is_an_error",
    ),
    "certificate.mend": (
        echoes(0),
        f"{_T}names.py::test_a_vowel_sign_under_its_letter_is_no_gap_to_a_reader",
    ),
    "facts.refused_character": (
        answers(None),
        f"{_T}record.py::test_a_character_that_cannot_be_seen_is_refused_in_a_name",
    ),
    "record.check_texts": (
        answers(None),
        f"{_T}record.py::test_a_control_character_in_any_text_is_refused_before_it_is_signed",
    ),
    "proofs._undefined": (
        answers(None),
        f"{_T}open_badge.py::test_what_the_signature_does_not_cover_is_neither_signed_nor_believed",
    ),
    "verification.verify_proof": (
        answers(True),
        f"{_T}verification.py::test_a_forger_who_changes_record_and_signed_text_alike_is_found_by_the_signature",
    ),
    "verification._as_signed": (
        answers(True),
        f"{_T}verification.py::test_a_record_that_no_longer_says_what_was_signed_is_altered",
    ),
    "verification._within_time": (
        answers(Verdict.VALID),
        f"{_T}verification.py::test_time_decides_between_not_yet_valid_valid_and_expired",
    ),
}

CONTROLS = controls_of("credentials", _GUARDS)
