"""Fifty addresses to which a choice might be sent, and should not: not one is the platform's own."""

import pytest

from lti_tool.lti.launching import rules
from lti_tool.lti.vocabulary import DL_CLAIM
from tests.rooms.lti.test_rules import LINKING, LMS, SETTINGS, good

# The platform is at https://lms.example. What only looks so, to some reader or other:
OFF_SITE = (
    "https://evil.example/return",
    "http://lms.example/return",
    "HTTP://lms.example/return",
    "//lms.example/return",
    "///lms.example/return",
    "/return",
    "return",
    "?a=1",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://lms.example/",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:https://lms.example/1",
    "filesystem:https://lms.example/temporary/1",
    "file:///etc/passwd",
    "ftp://lms.example/return",
    "ws://lms.example/return",
    "mailto:teacher@lms.example",
    "about:blank",
    "https:lms.example/return",
    "https:/lms.example/return",
    "https:///lms.example/return",
    "https:\\\\lms.example\\return",
    "https://lms.example\\@evil.example/",
    "https://evil.example\\lms.example/",
    "https://evil.example\\.lms.example/",
    "https://lms.example@evil.example/return",
    "https://lms.example:443@evil.example/return",
    "https://teacher:secret@lms.example/return",
    "https://teacher@lms.example/return",
    "https://@lms.example/return",
    "https://lms.example%40evil.example/return",
    "https://lms.example%2eevil.example/return",
    "https://lms.example%00.evil.example/",
    "https://lms.example.evil.example/return",
    "https://evil.example/https://lms.example/",
    "https://evil.example?https://lms.example/",
    "https://evil.example#https://lms.example/",
    "https://notlms.example/return",
    "https://www.lms.example/return",
    "https://lms.example:8443/return",
    "https://lms.example:80/return",
    "https://lms.example:99999/return",
    "https://lmѕ.example/return",
    "https://lms。example/return",
    "https://xn--lm-9lc.example/return",
    "https://lms.example\r\nX: 1/return",
    'https://lms.example"><script>alert(1)</script>/',
    "https://[::1]/return",
    "https://127.0.0.1/return",
    "https://0x7f000001/return",
    "https://lms.example\u202e/return",
)
OWN = (f"{LMS}/return", f"{LMS}:443/return?a=1&b=2#x", "HTTPS://LMS.EXAMPLE/return", f"{LMS}./return", f"{LMS}?x=@y")


def returned_to(url: str) -> str | None:
    """Where the choice would go; None where the launch is refused for it."""
    asked = {**LINKING, f"{DL_CLAIM}/deep_linking_settings": {**SETTINGS, "deep_link_return_url": url}}
    launch = rules.judge(good(**asked)).launch
    return launch.deep_linking.return_url if launch and launch.deep_linking else None


def test_none_of_fifty_foreign_addresses_is_returned_to() -> None:
    assert len(set(OFF_SITE)) >= 50
    assert [url for url in OFF_SITE if returned_to(url) is not None] == []


@pytest.mark.parametrize("url", OWN)
def test_the_platform_s_own_address_is_kept_to_the_letter(url: str) -> None:
    assert returned_to(url) == url
