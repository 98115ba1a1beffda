"""Canvas's login, keys and doors as captured: what it asks with, what it requires of us, what it signs with."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.lti.quirks import own_domains
from tests.recordings import Recorded
from tests.rooms.lti.lms import BROWSER, Lms, jwk, private_key

pytestmark = pytest.mark.shared

CANVAS, TOOL = "https://canvas.example.edu", "https://tool.example.com"
DOOR = f"{CANVAS}/api/lti/authorize_redirect"
Capture = Callable[[str], Any]
Register = Callable[..., lti.Registration]


@pytest.fixture
def capture(recorded: Recorded) -> Capture:
    return lambda name: recorded("canvas", name)


def test_what_a_hosted_canvas_calls_its_doors(capture: Capture) -> None:
    """Production, beta, test: one issuer for all schools, whose services lie on the school's own host."""
    doors = capture("login-initiation")["endpoints"]
    for name in ("production", "beta", "test"):
        door = doors[name]
        assert "instructure.com" in str(own_domains(door["iss"], door["authorization"]))
        assert urlsplit(door["jwks"]).netloc == urlsplit(door["authorization"]).netloc
        assert own_domains(door["iss"], DOOR) == (), "a school's own Canvas, by the same name"


def test_each_parameter_of_a_login_is_taken_or_passed_over(capture: Capture, register: Register, db: Database) -> None:
    """The names of 2025 and of the documentation; an old Canvas says no client at all and is known by its issuer."""
    said = capture("login-initiation")
    names, form = [row["name"] for row in said["parameters"]], said["seen_2025"]["form"]
    assert set(form) <= set(names) and set(said["seen_2019"]["form_fields"]) < set(names)
    assert said["example_values_of_lti_storage_target"] == [form["lti_storage_target"]]
    known = register(issuer=form["iss"], client_id=form["client_id"], auth_url=DOOR)
    whole = lti.read_login(form, public_url=TOOL)
    assert (whole.issuer, whole.client_id, whole.login_hint) == (form["iss"], form["client_id"], form["login_hint"])
    assert (whole.lms_deployment_id, whole.lti_message_hint) == (form["lti_deployment_id"], form["lti_message_hint"])
    assert (whole.target_link_uri, whole.storage_target) == (form["target_link_uri"], form["lti_storage_target"])
    documented = {**form, "deployment_id": form["lti_deployment_id"]}
    del documented["lti_deployment_id"]
    assert lti.read_login(documented, public_url=TOOL) == whole
    old = lti.read_login({name: form[name] for name in said["seen_2019"]["form_fields"]}, public_url=TOOL)
    assert (old.client_id, old.lms_deployment_id, old.storage_target) == (None, None, None)
    with db.reading() as tx:
        assert lti.registration_for_login(tx, old) == lti.registration_for_login(tx, whole) == known


def test_our_request_for_a_launch_has_what_canvas_requires(
    capture: Capture, register: Register, db: Database, clock: FixedClock
) -> None:
    said = capture("login-initiation")
    form, wanted = said["seen_2025"]["form"], said["authentication_request"]
    hint = said["lti_message_hint_decoded"]
    token = jwt.encode(hint["payload"], "x" * 64, algorithm=hint["header"]["alg"])
    register(issuer=form["iss"], client_id=form["client_id"], auth_url=DOOR)
    request = lti.read_login({**form, "lti_message_hint": token}, public_url=TOOL)
    with db.transaction() as tx:
        known, browser = lti.registration_for_login(tx, request), lti.Browser(BROWSER)
        url = lti.begin_login(tx, request, known, browser=browser, public_url=TOOL, now=clock.now())
    ours, seen = dict(parse_qsl(urlsplit(url).query)), wanted["seen_2025"]
    own = {name: ours[name] for name in ("state", "nonce", "prompt", "redirect_uri", "lti_message_hint")}
    assert ours == {**seen, **own}
    assert (own["prompt"], own["lti_message_hint"], own["redirect_uri"]) == ("none", token, f"{TOOL}/lti/launch")
    assert set(wanted["required_parameters"]) <= set(ours)
    assert set(ours) <= {*wanted["required_parameters"], *wanted["optional_parameters"]}


def test_a_key_set_without_algorithm_and_use_is_good_for_us(
    capture: Capture, register: Register, db: Database, clock: FixedClock, key_sets: lti.KeySets, httpserver: HTTPServer
) -> None:
    """Three keys with times as their names; the middle one signs."""
    path, rows = capture("jwks")["path"], capture("jwks")["shape"]["keys"]
    keys = [{**row, "n": jwk(private_key(which=which), row["kid"])["n"]} for which, row in enumerate(rows)]
    httpserver.expect_request(path).respond_with_json({"keys": keys})
    known = register(issuer=CANVAS, auth_url=DOOR, jwks_url=httpserver.url_for(path))
    lms = Lms(db, clock, key_sets, known, kid=rows[1]["kid"], key=private_key(which=1))
    assert lms.launch().subject == "6"


def test_what_canvas_s_return_address_carries_is_none_of_our_business(capture: Capture) -> None:
    """Its state is a JWT in the address, for itself; we send it back unread."""
    captured = capture("id-token-deep-linking")
    settings = captured["payload"]["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    token = dict(parse_qsl(urlsplit(settings["deep_link_return_url"]).query))["data"]
    decoded = captured["deep_link_return_url_data_decoded"]
    assert jwt.get_unverified_header(token) == decoded["header"]
    assert jwt.decode(token, options={"verify_signature": False}) == decoded["payload"]
