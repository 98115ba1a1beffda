"""A browser without cookies proves its secret by a header, from our own page alone; a tab is opened by a code, once."""

import hashlib
import re
import secrets
from datetime import timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from sqlalchemy import text

from lti_tool.demo import Link
from tests.stage import Stage
from tests.walker import Page, Walker, launch
from tests.web.attacker import choosing, number_of, token_for
from tests.web.journey import LEARNER

OTHER = "7"


class Cookieless:
    """A browser that keeps its secret where only a script finds it, in front of the LMS's login request."""

    def __init__(self, stage: Stage, link: Link, person: str = LEARNER, layer: str = "session") -> None:
        self.stage, self.layer, self.secret = stage, layer, secrets.token_urlsafe(32)
        self.person, self.link = stage.lms.person(person), link
        self.form = {**stage.lms.login_form(self.person, link), "lti_tool_step": "kept"}

    def login(self, **changes: str) -> requests.Response:
        claimed = {"lti_tool_layer": self.layer, "lti_tool_secret": self.secret}
        return self.ask("POST", "/lti/login", data={**self.form, **claimed, **changes}, own=False)

    def begin(self, **changes: str) -> "Cookieless":
        """Through the login; what the platform will send back is known then."""
        answer = self.login(**changes)
        assert answer.status_code == 302, answer.text
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.state = asked["state"][0]
        self.message = {"state": self.state, "id_token": self.token(asked["nonce"][0])}
        return self

    def token(self, nonce: str) -> str:
        return self.stage.lms.id_token(self.person, self.link, nonce)

    def launch(self) -> requests.Response:
        return self.ask("POST", "/lti/launch", data=self.message, own=False)

    def prove(self, secret: str | None = None, **headers: str) -> requests.Response:
        return self.ask("POST", "/lti/launch/proof", data=self.message, secret=secret or self.secret, **headers)

    def ask(
        self, method: str, path: str, *, own: bool = True, secret: str = "", data: object = None, **more: str
    ) -> requests.Response:
        sent = {"Origin": self.stage.tool_url if own else self.stage.lms_url, **more}
        if secret:
            sent["Authorization"] = f"Bearer {secret}"
        asked = {name: value for name, value in sent.items() if value}
        url = urljoin(self.stage.tool_url, path)
        return requests.request(method, url, data=data, headers=asked, allow_redirects=False, timeout=10)  # type: ignore[arg-type]


@pytest.fixture
def link(stage: Stage) -> Link:
    return stage.add_activity()


@pytest.fixture
def begun(stage: Stage, link: Link) -> Cookieless:
    return Cookieless(stage, link).begin()


def in_a_session(answer: requests.Response) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith(("/learn/", "/teach/"))


def nobody_is_in(stage: Stage) -> bool:
    return number_of(stage, "lti_sessions") == 0


def test_a_launch_without_a_cookie_is_asked_for_its_secret_and_gets_in_by_it(begun: Cookieless) -> None:
    asks = begun.launch()
    assert asks.status_code == 200 and "data-proof" in asks.text
    assert begun.secret not in asks.text
    assert "Set-Cookie" not in asks.headers
    home = begun.prove()
    assert in_a_session(home)
    assert "Set-Cookie" not in home.headers
    shown = begun.ask("GET", home.headers["Location"], secret=begun.secret)
    assert shown.status_code == 200 and "Welcome" in shown.text


@pytest.mark.parametrize("layer", ["session", "storage"])
def test_the_page_that_asks_may_be_framed_by_the_lms_alone(stage: Stage, link: Link, layer: str) -> None:
    page = Cookieless(stage, link, layer=layer).begin().launch()
    policy = page.headers["Content-Security-Policy"]
    (ancestors,) = re.findall(r"frame-ancestors ([^;]+)", policy)
    assert stage.lms_url in ancestors.split() and "*" not in ancestors
    assert f'data-layer="{layer}"' in page.text


def test_a_proof_without_the_secret_is_refused(stage: Stage, begun: Cookieless) -> None:
    answer = begun.ask("POST", "/lti/launch/proof", data=begun.message)
    assert answer.status_code == 400 and "lti.other_browser" in answer.text
    assert nobody_is_in(stage)
    # Nothing was used up: the browser that began it still gets in.
    assert in_a_session(begun.prove())


def test_a_proof_with_another_browser_s_secret_is_refused(stage: Stage, link: Link, begun: Cookieless) -> None:
    other = Cookieless(stage, link, OTHER).begin()
    for secret in (other.secret, secrets.token_urlsafe(32), hashlib.sha256(begun.secret.encode()).hexdigest()):
        answer = begun.prove(secret)
        assert answer.status_code == 400 and "lti.other_browser" in answer.text
    assert nobody_is_in(stage)


def test_a_secret_in_the_address_the_form_or_a_cookie_proves_nothing(stage: Stage, begun: Cookieless) -> None:
    said = {"secret": begun.secret, "lti_tool_secret": begun.secret, "Authorization": f"Bearer {begun.secret}"}
    query = "&".join(f"{name}={value}" for name, value in said.items() if name != "Authorization")
    by_address = begun.ask("POST", f"/lti/launch/proof?{query}", data=begun.message)
    by_form = begun.ask("POST", "/lti/launch/proof", data={**begun.message, **said})
    by_cookie = begun.ask("POST", "/lti/launch/proof", data=begun.message, Cookie=f"__Host-lti_browser={begun.secret}")
    for answer in (by_address, by_form, by_cookie):
        assert answer.status_code == 400 and "lti.other_browser" in answer.text
    assert nobody_is_in(stage)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_proof_from_elsewhere_is_refused(stage: Stage, begun: Cookieless, headers: dict[str, str]) -> None:
    answer = begun.prove(**headers)
    assert answer.status_code == 403 and "web.origin" in answer.text
    assert nobody_is_in(stage)
    assert in_a_session(begun.prove())


def test_a_proof_by_get_is_none(stage: Stage, begun: Cookieless) -> None:
    query = "&".join(f"{name}={value}" for name, value in begun.message.items())
    assert begun.ask("GET", f"/lti/launch/proof?{query}", secret=begun.secret).status_code == 405
    assert nobody_is_in(stage)


def test_a_used_message_opens_nothing_more(stage: Stage, link: Link, begun: Cookieless) -> None:
    home = begun.prove()
    again = begun.prove()
    assert again.status_code == 409 and home.headers["Location"] in again.text
    other = Cookieless(stage, link, OTHER).begin()
    stolen = begun.prove(other.secret)
    assert stolen.status_code == 400 and "lti.login_used_or_expired" in stolen.text
    assert number_of(stage, "lti_sessions") == 1


def test_a_login_that_ran_out_is_refused_with_the_right_secret(stage: Stage, begun: Cookieless) -> None:
    with stage.tool.db.transaction() as tx:
        tx.execute(text("UPDATE lti_logins SET expires_at = created_at"))
    answer = begun.prove()
    assert answer.status_code == 400 and "lti.login_used_or_expired" in answer.text
    assert nobody_is_in(stage)


def test_the_message_of_another_login_is_refused_with_the_right_secret(
    stage: Stage, link: Link, begun: Cookieless
) -> None:
    other = Cookieless(stage, link, OTHER).begin()
    begun.message["id_token"] = other.message["id_token"]
    answer = begun.prove()
    assert answer.status_code == 400 and "lti.nonce" in answer.text
    assert nobody_is_in(stage)


def test_a_secret_in_a_login_by_address_is_ignored(stage: Stage, link: Link) -> None:
    """A link can be given to anybody: whoever made it would know the visitor's secret."""
    guest = Cookieless(stage, link)
    claimed = {**guest.form, "lti_tool_layer": "session", "lti_tool_secret": guest.secret}
    query = requests.Request("GET", stage.tool_url, params=claimed).prepare().url
    answer = guest.ask("GET", f"/lti/login?{urlsplit(str(query)).query}", own=False)
    assert answer.status_code == 200 and "lti_tool_step" in answer.text
    assert guest.secret not in answer.text
    assert number_of(stage, "lti_logins") == 0


@pytest.mark.parametrize("layer", ["cookie", "tab", "", "memory", "session\n", "Storage"])
def test_a_layer_that_no_script_could_use_is_not_taken(stage: Stage, link: Link, layer: str) -> None:
    answer = Cookieless(stage, link, layer=layer).login()
    assert answer.status_code == 200 and "new tab" in answer.text
    assert number_of(stage, "lti_logins") == 0


@pytest.mark.parametrize("secret", ["", "short", "x" * 39, "x" * 65, "ü" * 43], ids=lambda value: f"{len(value)}")
def test_a_secret_that_is_none_is_not_taken(stage: Stage, link: Link, secret: str) -> None:
    answer = Cookieless(stage, link).login(lti_tool_secret=secret)
    assert answer.status_code == 200 and "new tab" in answer.text
    assert number_of(stage, "lti_logins") == 0


def test_a_cookie_counts_for_more_than_what_a_form_claims(stage: Stage, link: Link) -> None:
    """Login fixation: a stranger's form with a secret of theirs changes nothing for a browser that has its cookie."""
    guest = Cookieless(stage, link)
    mine = secrets.token_urlsafe(32)
    claimed = {**guest.form, "lti_tool_layer": "session", "lti_tool_secret": guest.secret}
    answer = guest.ask("POST", "/lti/login", data=claimed, own=False, Cookie=f"__Host-lti_browser={mine}")
    assert answer.status_code == 302
    with stage.tool.db.reading() as tx:
        (row,) = tx.execute(text("SELECT browser_hash, layer FROM lti_logins")).all()
    assert row.layer == "cookie"
    assert row.browser_hash == hashlib.sha256(mine.encode()).hexdigest()


def test_where_a_page_finds_its_secret_is_told_for_live_sessions_by_header_alone(
    stage: Stage, link: Link, begun: Cookieless
) -> None:
    address = begun.prove().headers["Location"]
    asks = begun.ask("GET", address)
    assert asks.status_code == 200 and "data-proof" in asks.text
    # Neither the secret nor anything about the person or the module.
    for word in (begun.secret, "Tuyết", "Data protection"):
        assert word not in asks.text
    by_cookie = launch(Walker(), stage.lms_url, OTHER, link.id)
    unknown = f"/learn/{'0' * 26}/"
    for closed in (by_cookie.path, unknown, "/learn/nonsense/"):
        answer = begun.ask("GET", closed)
        assert answer.status_code in (403, 404) and "data-proof" not in answer.text, closed
        assert "data-key" not in answer.text


def test_a_script_or_a_form_without_the_secret_is_not_asked_but_refused(begun: Cookieless) -> None:
    address = begun.prove().headers["Location"]
    for answer in (
        begun.ask("GET", address, **{"Sec-Fetch-Mode": "cors"}),
        begun.ask("GET", address, secret=secrets.token_urlsafe(32)),
        begun.ask("POST", f"{address}attempts", data={}),
    ):
        assert answer.status_code == 403 and "data-proof" not in answer.text


def test_a_session_by_header_does_not_open_by_a_cookie_of_its_secret_from_another_site(begun: Cookieless) -> None:
    """The form token is bound to the secret too: without it, not even our own Origin changes anything."""
    address = begun.prove().headers["Location"]
    answer = begun.ask("POST", f"{address}attempts", secret=begun.secret, data={"csrf_token": "x" * 64})
    assert answer.status_code == 403 and "web.csrf" in answer.text


# --- Into a tab of its own ------------------------------------------------------------------------------------------


class Framed:
    """Somebody in the frame, and the code by which a tab goes on."""

    def __init__(self, stage: Stage, link: Link, person: str = LEARNER) -> None:
        self.stage, self.walker = stage, Walker()
        self.home = launch(self.walker, stage.lms_url, person, link.id)

    def code(self) -> str:
        token = token_for(self.walker, self.home.launch)
        url = f"{self.stage.tool_url}/learn/{self.home.launch}/tab"
        answer = self.walker.post(url, {}, **{"X-CSRF-Token": token})
        assert answer.status == 200, answer.text
        (code,) = re.findall(r'"code":\s*"([\w-]{43,})"', answer.text)
        return str(code)

    def open(self, code: str, *, walker: Walker | None = None, place: str = "", **headers: str) -> Page:
        fields = {"code": code, "place": place}
        return (walker or Walker()).post(f"{self.stage.tool_url}/lti/tab", fields, **headers)  # type: ignore[arg-type]


@pytest.fixture
def framed(stage: Stage, link: Link) -> Framed:
    return Framed(stage, link)


def test_a_code_opens_the_same_place_in_a_tab_beside_the_frame(stage: Stage, framed: Framed) -> None:
    tab = Walker()
    (place,) = set(re.findall(rf"/learn/{framed.home.launch}/(pages/[^/\"]+)\"", framed.home.text)[:1])
    opened = framed.open(framed.code(), walker=tab, place=f"learn/{place}")
    assert opened.status == 200 and opened.path == f"/learn/{opened.launch}/{place}"
    assert opened.launch != framed.home.launch
    with stage.tool.db.reading() as tx:
        layers = tx.execute(text("SELECT layer FROM lti_sessions ORDER BY id")).scalars().all()
        people = tx.execute(text("SELECT DISTINCT person_id FROM lti_sessions")).scalars().all()
    assert layers == ["cookie", "tab"] and len(people) == 1
    # Each opens by its own cookie alone.
    assert framed.walker.get(framed.home.url).status == 200
    assert framed.walker.get(opened.url).status == 403
    assert tab.get(framed.home.url).status == 403


def test_a_code_opens_one_tab(stage: Stage, framed: Framed) -> None:
    code = framed.code()
    assert framed.open(code).status == 200
    again = framed.open(code)
    assert again.status == 400 and "lti.handover_used_or_expired" in again.text
    assert "Set-Cookie" not in again.headers
    assert number_of(stage, "lti_sessions") == 2


def test_a_code_from_elsewhere_opens_nothing(stage: Stage, framed: Framed) -> None:
    """Login fixation: a stranger's page posts a code of its own, so that the visitor works as the stranger."""
    code = framed.code()
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": stage.lms_url},
        {"origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = framed.open(code, **headers)
        assert answer.status == 403 and "web.origin" in answer.text, headers
        assert "Set-Cookie" not in answer.headers
    assert number_of(stage, "lti_sessions") == 1
    assert framed.open(code).status == 200


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "x" * 5000])
def test_a_code_that_nobody_gave_opens_nothing(stage: Stage, framed: Framed, code: str) -> None:
    answer = framed.open(code)
    assert answer.status == 400 and "lti.handover_used_or_expired" in answer.text
    assert number_of(stage, "lti_sessions") == 1


def test_a_code_is_given_to_the_session_s_own_page_alone(stage: Stage, link: Link, framed: Framed) -> None:
    other = Framed(stage, link, OTHER)
    url = f"{stage.tool_url}/learn/{framed.home.launch}/tab"
    theirs = {"X-CSRF-Token": token_for(other.walker, framed.home.launch)}
    assert other.walker.post(url, {}, **theirs).status == 403
    assert framed.walker.post(url, {}).status == 403
    assert framed.walker.get(url).status == 405
    assert number_of(stage, "lti_handovers") == 0


def test_a_code_is_stored_as_a_hash_alone(stage: Stage, framed: Framed) -> None:
    code = framed.code()
    with stage.tool.db.reading() as tx:
        (row,) = tx.execute(text("SELECT * FROM lti_handovers")).all()
    assert code not in repr(row) and hashlib.sha256(code.encode()).hexdigest() == row.code_hash


def test_a_code_leads_to_no_foreign_place(framed: Framed) -> None:
    for place in (
        "//evil.example/",
        "learn/../../x",
        "https://evil.example",
        "learn/pages/2?x=1",
        "admin/",
        "learn\\x",
    ):
        opened = framed.open(framed.code(), place=place)
        assert opened.path == f"/learn/{opened.launch}/", place


def test_a_code_of_somebody_who_chooses_leads_to_the_choice(stage: Stage) -> None:
    """Their session belongs to no activity, whose home could be opened."""
    teacher, picker = choosing(stage)
    token = {"X-CSRF-Token": token_for(teacher, picker.launch)}
    given = teacher.post(f"{stage.tool_url}/learn/{picker.launch}/tab", {}, **token)
    (code,) = re.findall(r'"code":\s*"([\w-]{43,})"', given.text)
    opened = Walker().post(f"{stage.tool_url}/lti/tab", {"code": code, "place": "teach/pick/x/1"})
    assert opened.status == 200 and opened.path == f"/teach/{opened.launch}/pick"


@pytest.mark.parametrize("mark", ["is_masquerade", "is_test_user"])
def test_what_does_not_count_in_the_frame_does_not_count_in_the_tab(stage: Stage, framed: Framed, mark: str) -> None:
    with stage.tool.db.transaction() as tx:
        tx.execute(text(f"UPDATE lti_sessions SET {mark} = true"))
    framed.open(framed.code())
    assert number_of(stage, f"lti_sessions WHERE {mark}") == 2


def test_a_code_of_a_blocked_person_opens_nothing(stage: Stage, framed: Framed) -> None:
    code = framed.code()
    with stage.tool.db.transaction() as tx:
        tx.execute(text("UPDATE people SET blocked_at = :now"), {"now": stage.tool.now().replace(tzinfo=None)})
    assert framed.open(code).status == 400


def test_a_code_is_worth_nothing_after_a_minute(stage: Stage, framed: Framed) -> None:
    code = framed.code()
    with stage.tool.db.transaction() as tx:
        past = (stage.tool.now() - timedelta(seconds=61)).replace(tzinfo=None)
        tx.execute(text("UPDATE lti_handovers SET expires_at = :past"), {"past": past})
    answer = framed.open(code)
    assert answer.status == 400 and "lti.handover_used_or_expired" in answer.text
    assert number_of(stage, "lti_sessions") == 1
