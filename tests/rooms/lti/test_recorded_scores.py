"""Scores as recorded of Moodle 4.5 and known of Canvas: what we send against what was sent, what each answer means."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.lti.advantage.results import read_results, service_url
from lti_tool.lti.advantage.scores import read_outcome, score_body
from lti_tool.lti.quirks import SUBMISSION, grade_rules
from lti_tool.lti.vocabulary import RESULT_SCOPE, SCORE_SCOPE
from tests.recordings import Recorded
from tests.rooms.lti.grade_book import SCORE_TYPE, GradeBook
from tests.rooms.lti.replay import Replay, http_answer

pytestmark = pytest.mark.shared

MOODLE, CANVAS = "http://localhost:8100", "https://canvas.example.edu"
COLUMN = f"{CANVAS}/api/lti/courses/3/line_items/1"
# What some scores carry and we never send: no points or none of a maximum, work that is not judged, and other kinds
# of submissions than a hand-in in our own pages.
_SENT = {"userId", "scoreGiven", "scoreMaximum", "activityProgress", "gradingProgress", "timestamp", "comment"}
_NUMBERS = (int, float)


def is_ours(said: dict[str, Any]) -> bool:
    """Whether we could have sent a score: judged, with points, and in Canvas told by `new_submission` alone."""
    judged = said.get("gradingProgress") == "FullyGraded" and said.get("activityProgress") in ("Completed", "Submitted")
    points = isinstance(said.get("scoreGiven"), _NUMBERS) and isinstance(said.get("scoreMaximum"), _NUMBERS)
    told = said.get(SUBMISSION, {})
    plain = {"new_submission", "preserve_score", "prioritize_non_tool_grade", "submitted_at"}
    return judged and points and set(told) <= plain and set(said) <= _SENT | {SUBMISSION, "submission"}


def moment(text: object) -> datetime | None:
    """A moment that can be told, as ISO 8601 with a zone."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    # To the millisecond, as we write them.
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at.tzinfo else None


def score_of(said: dict[str, Any]) -> lti.Score | None:
    """The score behind a message; None where no score of ours says that."""
    at, told = moment(said.get("timestamp")), said.get(SUBMISSION, {})
    handed_in = moment(said.get("submission", {}).get("submittedAt", told.get("submitted_at")))
    if at is None or not is_ours(said) or ("submission" in said and handed_in is None):
        return None
    keeps = lti.Keeps.WHATEVER if told.get("preserve_score") else lti.Keeps.NONE
    keeps = lti.Keeps.EXISTING if told.get("prioritize_non_tool_grade") else keeps
    return lti.Score(
        user_id=str(said["userId"]),
        given=str(said["scoreGiven"]),
        maximum=str(said["scoreMaximum"]),
        finished=said["activityProgress"] == "Completed",
        timestamp=at,
        comment=said.get("comment", ""),
        submission=lti.Submission(handed_in, told.get("new_submission", True), keeps),
    )


def as_meant(said: dict[str, Any]) -> dict[str, Any]:
    """A message by its meaning: moments as moments, Canvas's defaults said, its two moments of the hand-in as one."""
    told = {"new_submission": True, **said.get(SUBMISSION, {})}
    handed_in = moment(said.get("submission", {}).get("submittedAt", told.pop("submitted_at", None)))
    told.pop("submitted_at", None)
    told = {name: value for name, value in told.items() if not (name == "preserve_score" and value is False)}
    plain = {name: value for name, value in said.items() if name not in (SUBMISSION, "submission", "timestamp")}
    plain["userId"] = str(plain["userId"])
    return {**plain, "at": moment(said["timestamp"]), "told": told, "handed in": handed_in}


@pytest.mark.parametrize(("platform", "name", "ours"), [("moodle-4.5", "ags-score", 41), ("canvas", "ags-scores", 17)])
def test_our_scores_say_what_the_recorded_ones_said(recorded: Recorded, platform: str, name: str, ours: int) -> None:
    """Value by value, where it is a score that we send at all; the others are those that erase or are refused."""
    said = recorded(platform, name)
    cases = said["cases"] if platform == "canvas" else said
    told = 0
    for case, played in cases.items():
        request = played.get("request", {})
        body = request.get("json") or (json.loads(request["body"]) if request.get("body") else None)
        score = score_of(body) if body else None
        if score is None:
            continue
        told += 1
        sent = json.loads(score_body(score, grade_rules(COLUMN if platform == "canvas" else MOODLE)))
        if platform == "moodle-4.5":
            assert SUBMISSION not in sent and "submission" not in sent
        assert as_meant(sent) == as_meant(body), case
        assert request["method"] == "POST" and request["url"].partition("?")[0].endswith("/scores")
        assert "\n" not in score_body(score)
    assert told == ours, "how many of them are ours"


def test_the_documented_score_of_canvas_is_ours_but_for_its_file(recorded: Recorded) -> None:
    said = recorded("canvas", "ags-scores")
    documented, extension = said["request_documented"], said["extension"]
    assert extension["name"] == SUBMISSION and said["scope"] == SCORE_SCOPE
    assert service_url(COLUMN, "scores") == said["endpoint"].removeprefix("POST ").replace("<line item URL>", COLUMN)
    told = documented[SUBMISSION]
    assert set(told) <= set(extension["members"])
    # We hand in no file and no text of our own: Canvas then keeps its own kind, `external_tool`.
    work = {"submission_type", "submission_data", "content_items"}
    plain = {**documented, SUBMISSION: {name: value for name, value in told.items() if name not in work}}
    score = score_of(plain)
    assert score is not None
    sent = json.loads(score_body(score, grade_rules(COLUMN)))
    assert as_meant(sent) == as_meant(plain)
    assert set(sent[SUBMISSION]) <= set(extension["members"])
    for answer in (said["response_documented"], said["response_seen_2019"]):
        played = http_answer({"status": 200, "json": answer})
        verdict = read_outcome(played, now=moment("2026-11-23T19:00:00Z"), rules=grade_rules(COLUMN)).verdict
        assert verdict is lti.ScoreVerdict.ACCEPTED


def test_every_recorded_answer_to_a_score_means_what_it_did(recorded: Recorded, clock: FixedClock) -> None:
    for platform, name in (("moodle-4.5", "ags-score"), ("canvas", "ags-scores")):
        said = recorded(platform, name)
        for case, played in (said["cases"] if platform == "canvas" else said).items():
            answer = http_answer(played["response"])
            verdict = read_outcome(answer, now=clock.now()).verdict
            taken = answer.status == 200 and case != "refused-pretty-printed-body"
            busy = answer.status >= 500 or "throttled" in case
            expected = "accepted" if taken else "later" if busy else "refused"
            assert verdict == expected, f"{platform} {case}"


def test_what_moodle_erases_is_never_sent_and_what_it_holds_is_read(
    recorded: Recorded, httpserver: HTTPServer, book: GradeBook, services: lti.Services
) -> None:
    """A grade, a message without points, an older one, one that waits for a judge: only the grades are of our kind."""
    replay, ours, held = Replay(httpserver, MOODLE), [], []
    for step in recorded("moodle-4.5", "ags-score-sequence"):
        # The token's number differs from file to file.
        if "results" in step:
            replay.play(step)
            column = replay.here(step["request"]["url"].partition("&")[0].replace("/results", ""))
            (found,) = services.results(book.registration.id, column, user_id="6") or (None,)
            assert (found is None) == (step["response"]["json"] == [])
            held.append(found.share if found else None)
            continue
        said = json.loads(step["request"]["body"])
        assert step["request"]["headers"]["Content-Type"] == SCORE_TYPE
        score = score_of(said)
        assert http_answer(step["response"]).body == b"" and step["response"]["status"] == 200
        ours.append((step["score"], score is not None and as_meant(json.loads(score_body(score))) == as_meant(said)))
    replay.done()
    assert ours == [
        ("grade", True),
        ("then-started-without-score", False),
        ("then-old-timestamp", True),
        ("then-pending-with-score", False),
    ]
    assert held == [Decimal("0.75"), None, Decimal("0.75"), None]


@pytest.mark.parametrize("case", ["one-user", "one-user-without-result", "user-not-a-student", "list"])
def test_canvas_s_results_are_read(
    recorded: Recorded, httpserver: HTTPServer, book: GradeBook, services: lti.Services, case: str
) -> None:
    said = recorded("canvas", "ags-results")
    assert said["scope"] == RESULT_SCOPE and said["endpoints"]["list"] == "GET <line item URL>/results"
    found = said["cases"][case]
    listed, replay = found["response"]["json"], Replay(httpserver, CANVAS)
    user = listed[0]["userId"] if listed else "nobody"
    request = {"method": "GET", "url": f"{COLUMN}/results?user_id={user}"}
    answer = {name: value for name, value in found["response"].items() if name != "headers"}  # Its one page.
    replay.play({"request": found.get("request", request) if case != "list" else request, "response": answer})
    asked = found.get("request", request)["url"].partition("user_id=")[2] or user
    results = services.results(book.registration.id, replay.here(COLUMN), user_id=asked)
    replay.done()
    assert [(result.user_id, result.share) for result in results] == [
        (row["userId"], Decimal(str(row["resultScore"] / row["resultMaximum"])) if "resultScore" in row else None)
        for row in listed
    ]


def test_canvas_s_captured_results_and_a_foreign_one(recorded: Recorded) -> None:
    said = recorded("canvas", "ags-results")
    assert [found.share for found in read_results(list(said["seen"]))] == [Decimal(1), Decimal("0.13")]
    # We ask for lists only; a result by itself that is another column's is none.
    assert not http_answer(said["cases"]["other-item"]["response"]).ok
