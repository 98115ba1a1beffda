"""What a story begins with, done without a browser, so that only what is told takes the time of one."""

import re
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from tests.walker import Walker

_TEACHER = "3"  # Ingrid Solheim.


class _Here(HTTPAdapter):
    """Finds `*.localhost` on this machine: browsers know where that is, Python does not."""

    def send(self, request: requests.PreparedRequest, *others: object, **named: object) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}"))
        return super().send(request, *others, **named)  # type: ignore[arg-type]


class LocalWalker(Walker):
    """A walker on the demo's two sites."""

    def __init__(self) -> None:
        super().__init__()
        self._http.mount("http://", _Here())


def add_activity(lms_url: str) -> str:
    """A teacher picks the sample module; the activity's number in the LMS."""
    teacher = LocalWalker()
    teacher.post(f"{lms_url}/be", {"person": _TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{lms_url}/course/add/launch"))
    module = re.search(r'name="module" value="([0-9a-z]{26})"', picker.text)
    assert module, picker.text[:2000]
    added = teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module.group(1)}))
    number = re.search(r"added=(\w+)", added.text)
    assert number, added.text[:2000]
    return number.group(1)
