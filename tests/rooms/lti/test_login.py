"""A login initiation is read, remembered by hashes alone, and sent on to the platform."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from lti_tool import lti
from lti_tool.core.db import Database
from lti_tool.lti import tables
from tests.rooms.lti.lms import BROWSER, PUBLIC_URL, Lms

PARAMS = {
    "iss": "http://localhost:8100",
    "login_hint": "6",
    "target_link_uri": f"{PUBLIC_URL}/lti/launch",
    "client_id": "oEDQgSmjL3mo4BF",
    "lti_message_hint": '{"cmid":3,"launchid":"ltilaunch1_298823854"}',
    "lti_deployment_id": "3",
    "lti_storage_target": "_parent",
}


def read(**changes: str) -> lti.LoginRequest:
    return lti.read_login({**PARAMS, **changes}, public_url=PUBLIC_URL)


def test_the_parameters_can_be_posted_once_more_as_they_came() -> None:
    assert read().params() == PARAMS
    assert read(canvas_region="eu").params() == PARAMS
    assert "client_id" not in read(client_id="").params()


def test_canvas_s_own_name_for_the_deployment_is_read_where_the_standard_s_is_absent() -> None:
    assert read(lti_deployment_id="", deployment_id="9").lms_deployment_id == "9"
    assert read(lti_deployment_id="3", deployment_id="9").lms_deployment_id == "3"
    assert read(lti_deployment_id="", deployment_id="9").params()["lti_deployment_id"] == "9"
    with pytest.raises(lti.LtiRefused, match=r"lti\.overlong_parameter"):
        read(lti_deployment_id="", deployment_id="9" * 256)


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_a_login_that_lacks_a_parameter_is_refused(name: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti.missing_parameter") as caught:
        read(**{name: ""})
    assert name in caught.value.text


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_an_overlong_parameter_is_refused(name: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.overlong_parameter"):
        read(**{name: PARAMS[name] + "x" * 9000})


@pytest.mark.parametrize("value", ["a\x00b", "a\x1bb", "\ud800"])
def test_a_parameter_that_no_address_can_carry_is_refused(value: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.parameter"):
        read(login_hint=value)


@pytest.mark.parametrize("value", ['{\n "a": "b"}', "名前\u00a0x", "a&b=c#d%20+"])
def test_a_hint_goes_back_unchanged_whatever_it_holds(
    db: Database, now: datetime, registration: lti.Registration, value: str
) -> None:
    query = parse_qs(urlsplit(begin(db, now, login_hint=value, lti_message_hint=value)).query)
    assert query["login_hint"] == query["lti_message_hint"] == [value]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "http://127.0.0.1:9801.evil.example/",
        "http://127.0.0.1:9801@evil.example/",
        "http://evil.example\\@127.0.0.1:9801/",
        "https://127.0.0.1:9801/lti/launch",
        "http://127.0.0.1/lti/launch",
        "http://127.0.0.1:98O1/",
        "//127.0.0.1:9801/",
        "/lti/launch",
        "javascript:alert(1)",
        "http://127.0.0.1:9801/a b",
        "http://[::1/",
    ],
)
def test_a_login_for_a_foreign_address_is_refused(target: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.foreign_target"):
        read(target_link_uri=target)


@pytest.mark.both_engines
def test_a_login_goes_on_to_the_platform(lms: Lms) -> None:
    begun = lms.begin()
    assert begun.query == {
        "instance": "7",
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "oEDQgSmjL3mo4BF",
        "redirect_uri": f"{PUBLIC_URL}/lti/launch",
        "login_hint": "6",
        "lti_message_hint": '{"cmid":3}',
        "state": begun.state,
        "nonce": begun.nonce,
    }
    assert len(begun.state) == len(begun.nonce) == 43


def test_what_is_kept_of_a_login_finishes_nobody_s_launch(lms: Lms) -> None:
    begun = lms.begin()
    with lms.db.reading() as tx:
        row = tx.execute(select(tables.logins)).one()
    for secret in (begun.state, begun.nonce, BROWSER):
        assert secret not in map(str, row)


def test_logins_that_ran_out_are_swept_away_by_later_ones(lms: Lms) -> None:
    for _ in range(3):
        lms.begin()
    lms.clock.advance(301)
    lms.begin()
    with lms.db.reading() as tx:
        assert len(tx.execute(select(tables.logins)).all()) == 1


def begin(db: Database, now: datetime, **changes: str) -> str:
    with db.transaction() as tx:
        request = read(**changes)
        found = lti.registration_for_login(tx, request)
        return lti.begin_login(tx, request, found, browser=lti.Browser(BROWSER), public_url=PUBLIC_URL, now=now)


def test_an_unknown_platform_is_told_so(db: Database, now: datetime, registration: lti.Registration) -> None:
    for changes in ({"iss": "http://localhost:8100/"}, {"client_id": "other"}):
        with pytest.raises(lti.LtiRefused, match=r"lti\.unknown_platform"):
            begin(db, now, **changes)


def test_a_login_without_client_id_is_for_the_one_there_is(
    db: Database, now: datetime, registration: lti.Registration, register: Callable[..., lti.Registration]
) -> None:
    url = begin(db, now, client_id="")
    assert parse_qs(urlsplit(url).query)["client_id"] == [registration.client_id]
    register(client_id="another")
    with pytest.raises(lti.LtiRefused, match=r"lti\.unknown_platform"):
        begin(db, now, client_id="")
