"""Launches that must not be let in, posted as a browser would post them; and the Reload and Back that must."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool.demo import Link, Person
from tests.stage import Stage
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER

CLAIM = "https://purl.imsglobal.org/spec/lti/claim"


class Begun:
    """A login under way: a browser with its secret, and the state and nonce that the platform was sent."""

    def __init__(self, stage: Stage, link: Link, person: str = LEARNER) -> None:
        self.stage, self.link = stage, link
        self.person: Person = stage.lms.person(person)
        self.walker = Walker()
        form = stage.lms.login_form(self.person, link)
        # First to be given a cookie; then, with it, to be sent on to the platform.
        self.walker.post(f"{stage.tool_url}/lti/login", form, origin=stage.lms_url)
        address = self._sent_to(form)
        asked = parse_qs(urlsplit(address).query)
        self.state, self.nonce = asked["state"][0], asked["nonce"][0]

    def _sent_to(self, form: dict[str, str]) -> str:
        import requests

        secret = self.walker.jar["127.0.0.1"]
        cookie = "; ".join(f"{name}={value}" for name, value in secret.items())
        url = f"{self.stage.tool_url}/lti/login"
        answer = requests.post(url, data=form, headers={"Cookie": cookie}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def token(self, **claims: object) -> str:
        return self.stage.lms.id_token(self.person, self.link, self.nonce, **claims)

    def post(self, token: str | None = None, *, walker: Walker | None = None, state: str | None = None) -> Page:
        fields = {"id_token": token or self.token(), "state": state or self.state}
        url = f"{self.stage.tool_url}/lti/launch"
        return (walker or self.walker).post(url, fields, origin=self.stage.lms_url)


@pytest.fixture
def link(stage: Stage) -> Link:
    return stage.add_activity()


def refused_with(page: Page, code: str) -> None:
    """A page with the code, whose side it is on, and a support code; and no way into a session."""
    assert page.status == 400, page.text
    assert page.path == "/lti/launch"
    assert code in page.text
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)


def test_a_good_launch_gets_in(stage: Stage, link: Link) -> None:
    page = Begun(stage, link).post()
    assert (page.status, page.path[:7]) == (200, "/learn/")


def test_the_same_token_twice_opens_one_session(stage: Stage, link: Link) -> None:
    """Posted again by the bound browser it resumes the session; from another browser it is refused."""
    begun = Begun(stage, link)
    token = begun.token()
    first, again = begun.post(token), begun.post(token)
    assert again.status == 409 and "Set-Cookie" not in again.headers
    assert begun.walker.onward(again).launch == first.launch
    refused_with(begun.post(token, walker=Walker()), "lti.login_used_or_expired")


def test_a_nonce_of_another_login_is_refused(stage: Stage, link: Link) -> None:
    one, other = Begun(stage, link), Begun(stage, link)
    refused_with(one.post(other.token()), "lti.nonce")


def test_another_browsers_state_is_refused(stage: Stage, link: Link) -> None:
    """Login CSRF: the launch that was begun here cannot be finished there."""
    one, other = Begun(stage, link), Begun(stage, link, TEACHER)
    refused_with(other.post(one.token(), state=one.state), "lti.other_browser")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"azp": "somebody-else"}, "lti.authorized_party"),
        ({"aud": ["AldermoorDemo01", "somebody-else"], "azp": "AldermoorDemo01"}, "lti.audience"),
        ({"exp": None}, "lti.no_time"),
        ({"iat": None}, "lti.no_time"),
        ({"iat": 1_700_000_000}, "lti."),
        ({f"{CLAIM}/target_link_uri": "https://evil.example/lti/launch"}, "lti.foreign_target"),
        ({f"{CLAIM}/deployment_id": "99"}, "lti.deployment"),
        ({f"{CLAIM}/version": "1.1.1"}, "lti.version"),
        ({f"{CLAIM}/roles": "Learner"}, "lti.claim"),
        ({f"{CLAIM}/resource_link": ["1"]}, "lti.claim"),
        ({"sub": None}, "lti.missing_claim"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_launch_that_breaks_a_rule_is_refused(stage: Stage, link: Link, claims: dict[str, object], code: str) -> None:
    begun = Begun(stage, link)
    refused_with(begun.post(begun.token(**claims)), code)
    # Nothing was used up: the honest token still gets in.
    assert begun.post().status == 200


def test_reload_and_back_resume_the_session(stage: Stage, link: Link) -> None:
    begun = Begun(stage, link)
    token = begun.token()
    first = begun.post(token)
    again = [begun.post(token) for _ in range(3)]
    assert [page.status for page in again] == [409] * 3
    assert [begun.walker.onward(page).launch for page in again] == [first.launch] * 3


def test_a_browser_without_cookies_is_offered_a_new_tab_before_the_hint_is_spent(stage: Stage, link: Link) -> None:
    shy = Walker(keeps_cookies=False)
    form = stage.lms.login_form(stage.lms.person(LEARNER), link)
    check = shy.post(f"{stage.tool_url}/lti/login", form, origin=stage.lms_url)
    offer = shy.submit(check, check.form("lti_tool_step"))
    assert "new tab" in offer.text and offer.form("lti_tool_step").names >= {"iss", "login_hint", "lti_message_hint"}
    # In the tab, cookies are kept; the launch that the hint belongs to has not been used.
    tab = Walker()
    tab.post(f"{stage.lms_url}/be", {"person": LEARNER, "next": "/course"})
    page = tab.onward(tab.submit(offer, offer.form("lti_tool_step")))
    assert page.path.startswith("/learn/"), page.text


def test_a_browser_without_any_cookies_is_told_what_to_do(stage: Stage, link: Link) -> None:
    shy = Walker(keeps_cookies=False)
    form = {**stage.lms.login_form(stage.lms.person(LEARNER), link), "lti_tool_step": "tab-kept"}
    page = shy.post(f"{stage.tool_url}/lti/login", form, origin=stage.lms_url)
    assert page.status == 400 and "lti.no_cookies" in page.text


def test_the_launch_in_the_address_opens_nothing_by_itself(stage: Stage, link: Link) -> None:
    learner, thief = Walker(), Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    launch(thief, stage.lms_url, "7", link.id)
    for address in (f"/learn/{home.launch}/", f"/learn/{home.launch}/certificate", f"/learn/{home.launch}/receipt"):
        page = thief.get(f"{stage.tool_url}{address}")
        assert page.status == 403 and "web.no_session" in page.text


def test_a_form_from_elsewhere_changes_nothing(stage: Stage, link: Link) -> None:
    """The session's cookie goes along with every request of the browser: token and Origin make the difference."""
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    url, form = f"{stage.tool_url}/learn/{home.launch}/attempts", home.form("/attempts")
    token = dict(form.fields)["csrf_token"]
    assert learner.post(url, {"csrf_token": token}, origin="https://evil.example").status == 403
    assert learner.post(url, {"csrf_token": token}, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert learner.post(url, {}).status == 403
    assert learner.post(url, {"csrf_token": token}).status == 200


def test_an_unknown_platform_is_told_who_can_help(stage: Stage, link: Link) -> None:
    form = {**stage.lms.login_form(stage.lms.person(LEARNER), link), "iss": "https://unknown.example"}
    page = Walker().post(f"{stage.tool_url}/lti/login", form, origin="https://unknown.example")
    assert page.status == 400 and "lti.unknown_platform" in page.text
