"""What LMSs were seen to ask of a tool's server, asked of ours: Moodle's own visits, Canvas's errors, cookies, keys."""

import re
from typing import Any

import pytest
import requests

from tests.recordings import Recorded
from tests.stage import Stage
from tests.walker import Walker
from tests.web.test_launch_safety import Begun

pytestmark = pytest.mark.shared

VISITS = {
    "jwks_uri (while it checks a token request or a deep linking response)": (
        "/lti/jwks.json",
        200,
        "application/json",
    ),
    "the tool's target_link_uri (when the tool's settings or an activity are saved)": ("/lti/launch", 405, "text/html"),
    "logo_uri (by the browser, as an <img> in Moodle's pages)": ("/static/logo/icon.svg", 200, "image/svg+xml"),
}


def test_moodle_s_own_visits_are_answered(stage: Stage, recorded: Recorded) -> None:
    """With the very headers that its server and its pages send; a launch address that is only looked at says so."""
    for name, visit in recorded("moodle-4.5", "requests-from-moodle").items():
        path, status, kind = VISITS[name]
        headers = {
            key: value for key, value in visit["headers"] if key not in ("Host", "Connection", "Accept-Encoding")
        }
        answer = requests.request(visit["method"], f"{stage.tool_url}{path}", headers=headers, timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind), name
        assert status != 200 or "Set-Cookie" not in answer.headers


CODES = {
    "invalid_request_object": "lti.declined",
    "login_required": "lti.declined_signed_out",
    "unauthorized_client": "lti.declined_not_allowed",
    "launch_no_longer_valid": "lti.declined_too_late",
}


def test_each_error_that_canvas_posts_is_told_in_plain_words(stage: Stage, recorded: Recorded) -> None:
    """It comes in place of a launch, with our state; nothing is used up, and its own words stay in the log."""
    answers = recorded("canvas", "login-initiation")["authentication_response"]
    assert answers["method"].startswith("POST") and {"id_token", "state"} < set(answers["fields_seen_2025"])
    begun = Begun(stage, stage.add_activity())
    for row in answers["errors"]:
        fields = {**row["fields"], "state": begun.state}
        page = begun.walker.post(f"{stage.tool_url}/lti/launch", fields, origin=stage.lms_url)
        code = CODES[fields["error"]]
        assert page.status == 400 and code in page.text and fields["error_description"] not in page.text
        assert "Open the activity" in page.text or "open the activity" in page.text or "administrator" in page.text
    # And the launch that is still to come gets in, with all the fields that Canvas's form has.
    beside = {"utf8": "✓", "authenticity_token": "x", "lti_storage_target": "post_message_forwarding"}
    assert set(answers["fields_seen_2019"]) <= {*beside, "id_token", "state"}
    fields = {**beside, "id_token": begun.token(), "state": begun.state}
    page = begun.walker.post(f"{stage.tool_url}/lti/launch", fields, origin=stage.lms_url)
    assert page.path.startswith("/learn/")


def test_an_error_of_nobody_s_login_is_told_too(stage: Stage) -> None:
    fields = {"error": "<script>", "error_description": "x" * 5000, "state": "nobody's"}
    page = Walker().post(f"{stage.tool_url}/lti/launch", fields, origin=stage.lms_url)
    assert page.status == 400 and "lti.declined" in page.text and "<script>" not in page.text


def test_our_cookies_are_of_the_one_kind_that_came_back(stage: Stage, recorded: Recorded) -> None:
    """Of four kinds that a tool set in Moodle's frame, one was kept: secure, for other sites, and partitioned."""
    seen = recorded("moodle-4.5", "browser")
    tried = dict(line.split(": ", 1) for line in seen["cookies the tool set at login initiation"])
    (kept,) = seen["cookies that came back with the id_token and later, over http and over https"]
    wanted = {*tried["none_secure"].split("; "), tried[kept].rpartition(" ")[2]}
    form = stage.lms.login_form(stage.lms.person("6"), stage.add_activity())
    answer = requests.post(f"{stage.tool_url}/lti/login", data=form, timeout=10)
    cookies = re.split(r", (?=__|lti)", answer.headers["Set-Cookie"])
    assert len(cookies) == 2
    assert wanted <= set(cookies[0].split("; ")) and wanted - {"HttpOnly"} <= set(cookies[1].split("; "))


def test_the_frames_of_the_demo_have_the_rights_of_moodle_s(stage: Stage, recorded: Recorded) -> None:
    """What the browser tests learn in its frames holds in Moodle's: the same rights, no sandbox, the same ids."""
    seen = recorded("moodle-4.5", "browser")
    link = stage.add_activity()
    teacher = Walker()
    teacher.post(f"{stage.lms_url}/be", {"person": "3", "next": "/course"})
    for path, name in ((f"/course/activity/{link.id}", "resource launch"), ("/course/add", "deep linking")):
        (ours,) = re.findall(r"<iframe[^>]+>", teacher.get(f"{stage.lms_url}{path}").text)
        (theirs,) = re.findall(r"<iframe[^>]+>", seen["iframes"][name])
        mine, recorded_ones = attributes(ours), attributes(theirs)
        assert mine["id"] == recorded_ones["id"] and "sandbox" not in mine | recorded_ones
        allowed = recorded_ones.get("allow", "").replace("http://127.0.0.1:9801", stage.tool_url)
        assert mine.get("allow", "") == allowed
    assert "http" in seen["headers of Moodle's pages"][0]["url"] and all(
        "content-security-policy" not in row["headers"] for row in seen["headers of Moodle's pages"]
    )
    assert seen["way of a teacher to a submission review"]["grade.php leads to"].endswith("action=gradeReport&user=6")


def attributes(tag: str) -> dict[str, Any]:
    return dict(re.findall(r'([a-z]+)="([^"]*)"', tag))


def test_the_page_that_ends_a_registration_says_what_was_recorded(stage: Stage, recorded: Recorded) -> None:
    """Moodle and Canvas hear the same message, sent to whoever framed us."""
    moodle = recorded("moodle-4.5", "registration")["3 the tool ends it"][
        "postMessage to window.opener or window.parent"
    ]
    canvas = recorded("canvas", "registration-request-response")["after_success"]
    assert moodle == canvas["postMessage"]
    script = requests.get(f"{stage.tool_url}/static/any/close.js", timeout=10).text
    (said,) = re.findall(r'postMessage\(\{ subject: "([^"]+)" \}, "([^"]+)"\)', script)
    assert said == (moodle["subject"], canvas["targetOrigin"])
