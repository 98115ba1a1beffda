"""What the Canvas flavour's page answers to a tool's window messages: its rules run in Node, as in a browser."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import lti_tool.demo
from tests.demo.canvas_side import Known
from tests.needs import need

STATIC = Path(lti_tool.demo.__file__).parent / "static"
TOOL = "http://tool.localhost:8401"
_SCRIPT = """
import {{ answer, read }} from "{answers}";
import {{ Store }} from "{storage}";
const store = new Store(), page = {{ "lti.showAlert": () => {{ throw new Error("no room"); }} }};
const said = JSON.parse(await new Response(process.stdin).text());
console.log(JSON.stringify(said.map(([message, origin]) => {{
  const found = read(message);
  return found === null ? null : answer(found, origin, store, page);
}})));
"""


def answers(*messages: object, origin: str = TOOL) -> list[Any]:
    """What the page answers to each message in turn; a pair of message and origin may come from elsewhere."""
    need(shutil.which("node") is not None, "Node, for the demo's scripts")
    said: Sequence[object] = [one if isinstance(one, tuple) else (one, origin) for one in messages]
    # The files are modules without a package that says so.
    script = _SCRIPT.format(
        answers=(STATIC / "canvas-answers.js").as_uri(), storage=(STATIC / "canvas-storage.js").as_uri()
    )
    command = ["node", "--no-warnings", "--input-type=module", "--eval", script]
    ran = subprocess.run(command, input=json.dumps(said), capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    found: list[Any] = json.loads(ran.stdout)
    return found


def put(key: str, value: object, **more: object) -> dict[str, object]:
    return {"subject": "lti.put_data", "message_id": "m", "key": key, "value": value, **more}


def get(key: str) -> dict[str, object]:
    return {"subject": "lti.get_data", "message_id": "m", "key": key}


@pytest.mark.shared
def test_every_subject_is_answered_as_canvas_does(known: Known) -> None:
    subjects = known("postmessages")["subjects"]
    asked = {
        name: one
        for name, one in subjects.items()
        # Their answers hold what only a page knows; the browser tests see those.
        if "response" in one and name not in ("lti.fetchWindowSize", "lti.getPageContent", "lti.getPageSettings")
        and name != "lti.showAlert"
    }  # fmt: skip
    got = answers(*(one["request"] for one in asked.values()))
    assert dict(zip(asked, got, strict=True)) == {name: one["response"] for name, one in asked.items()}


@pytest.mark.shared
def test_storage_speaks_in_canvas_words(known: Known) -> None:
    storage = known("postmessages")["subjects"]["lti.put_data"]
    ask, remove = storage["request"], storage["remove"]["request"]
    nameless = {name: value for name, value in ask.items() if name != "key"}
    idless = {name: value for name, value in ask.items() if name != "message_id"}
    long = {**ask, "value": "x" * 4092}
    got = answers(ask, remove, nameless, idless, long)
    assert got[0] == storage["response"] and got[1] == storage["remove"]["response"]
    assert got[2:] == storage["errors"][:3]
    many = [put(str(n), "v", message_id=ask["message_id"]) for n in range(501)]
    assert answers(*many)[500] == storage["errors"][3]
    unknown = known("postmessages")["subjects"]["lti.get_data"]
    assert answers(unknown["request"]) == [unknown["response_unknown_key"]]


@pytest.mark.shared
def test_what_canvas_ignores_is_not_answered(known: Known) -> None:
    ignored = [{"subject": name} for name in known("postmessages")["ignored"]]
    assert answers(*ignored, "no json", None, 3, [], {}, {"subject": 1}, {"subject": "x.response"}) == [None] * (
        len(ignored) + 7
    )


@pytest.mark.shared
def test_errors_are_in_canvas_form(known: Known) -> None:
    errors = known("postmessages")["errors"]
    got = answers({"subject": "lti.foo"}, {"subject": "lti.showAlert"})
    assert got[0] == errors["unknown subject"]
    assert got[1] == {**errors["exception in the handler"], "error": {"code": "error", "message": "no room"}}


def test_storage_belongs_to_the_origin_of_the_sender() -> None:
    got = answers(put("k", "v"), (get("k"), "http://other.localhost"), get("k"))
    assert [one.get("value") for one in got] == ["v", None, "v"]


def test_writing_a_key_again_counts_again_and_removing_it_makes_room() -> None:
    got = answers(put("k", "x" * 2000), put("k", "x" * 2000), put("k", "x" * 2000), get("k"))
    assert ["error" in one for one in got] == [False, False, True, False]
    assert "error" not in answers(put("k", "x" * 4095), put("k", ""), put("k", "x" * 4095))[2]
    assert "error" in answers(put("k", "x" * 4096))[0]


def test_a_message_may_be_json_text_and_messagetype_may_name_it() -> None:
    got = answers(json.dumps(put("k", "v")), {**get("k"), "subject": None, "messageType": "lti.get_data"})
    assert got[1] == {"subject": "lti.get_data.response", "message_id": "m", "key": "k", "value": "v"}


@pytest.mark.parametrize("name", ["capabilities", "put_data", "get_data"])
def test_the_old_names_are_answered_under_the_old_names(name: str) -> None:
    old = {"subject": f"org.imsglobal.lti.{name}", "message_id": "m", "key": "k", "value": "v"}
    new = {**old, "subject": f"lti.{name}"}
    was, is_now = answers(old)[0], answers(new)[0]
    assert was == {**is_now, "subject": f"org.imsglobal.lti.{name}.response"}


def test_no_script_posts_to_any_origin() -> None:
    assert not [file.name for file in STATIC.glob("canvas-*.js") if '"*"' in file.read_text(encoding="utf-8")]
