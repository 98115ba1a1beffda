"""The launch doctor knows an answer to every refusal: which check failed, whose side, what to do."""

from datetime import datetime

import pytest

from lti_tool import lti
from lti_tool.core.errors import Side
from lti_tool.lti import refusals

# Said at the terminal or on the registration page, to whoever connects a platform; no launch is refused with it.
ELSEWHERE = ("lti.registration_", "lti.register_", "lti.configuration")
LAUNCH = sorted(code for code in refusals._CAUSES if not code.startswith(ELSEWHERE))
OTHERS = [
    "lti.no_cookies",
    "lti.platform_disabled",
    "lti.deployment_waits",
    "lti.deployment_not_allowed",
    "lti.key_set_unreachable",
]
PERSONAL = ["lti.not_an_author", "lti.foreign_review", "courses.observer", "people.blocked"]


def refusal(code: str, now: datetime, **facts: str) -> lti.Refusal:
    return lti.Refusal("AB12-CD34", now, None, code, Side.LMS, 400, {"says": "S.", "hint": "H.", **facts})


@pytest.mark.parametrize("code", [*LAUNCH, *OTHERS, *PERSONAL])
def test_every_refusal_has_a_check_and_a_fix(code: str, registration: lti.Registration, now: datetime) -> None:
    for known in (None, registration):
        found = lti.diagnose(refusal(code, now), known)
        assert found.check and found.fix and found.says == "S."
        assert "%(" not in found.fix
        assert found.check not in found.passed


def test_what_is_no_rule_of_ours_still_has_words(now: datetime) -> None:
    found = lti.diagnose(refusal("web.unforeseen", now), None)
    assert (found.passed, found.check, found.fix) == ((), "", "H.")


def test_a_claim_fails_in_the_message_once_the_signature_is_right(now: datetime) -> None:
    early, late = (lti.diagnose(refusal("lti.claim", now, **facts), None) for facts in ({}, {"signature": "verified"}))
    assert "The signature is right" not in early.passed
    assert "The signature is right" in late.passed


@pytest.mark.parametrize(
    ("code", "fact", "words"),
    [
        ("lti.unknown_key", {"kid": "8f1c"}, "“8f1c”"),
        ("lti.algorithm", {"alg": "none"}, "“none”"),
        ("lti.clock", {"seconds": "438"}, "438 seconds"),
    ],
)
def test_the_fix_names_what_was_seen(
    code: str, fact: dict[str, str], words: str, registration: lti.Registration, now: datetime
) -> None:
    assert words in lti.diagnose(refusal(code, now, **fact), registration).fix
