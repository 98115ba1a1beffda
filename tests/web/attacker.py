"""What an attacker has in hand: form tokens, many requests at one moment, and a tenancy next door."""

import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests
from sqlalchemy import text

from lti_tool import courses, demo, workflows
from tests.stage import Stage
from tests.walker import Page, Walker
from tests.web.journey import TEACHER, secret_of
from tests.web.test_launch_safety import Begun


def token_for(walker: Walker, session: str) -> str:
    """The form token of a session, as its pages carry it."""
    return hmac.new(secret_of(walker).encode(), f"csrf:{session}".encode(), hashlib.sha256).hexdigest()


def cookies(walker: Walker) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in walker.jar["127.0.0.1"].items())}


def at_once(count: int, ask: Callable[[], requests.Response]) -> Counter[int]:
    """How often which status came back, when all ask at the same moment."""
    ready, seen = threading.Barrier(count), []

    def run() -> None:
        ready.wait()
        seen.append(ask().status_code)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(seen)


def number_of(stage: Stage, what: str, **values: object) -> int:
    with stage.tool.db.reading() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {what}"), values).scalar_one())


def choosing(stage: Stage) -> tuple[Walker, Page]:
    """A teacher in front of the picker."""
    teacher = Walker()
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    return teacher, teacher.onward(teacher.get(f"{stage.lms_url}/course/add/launch"))


class Neighbour(Begun):
    """A launch by another customer of the same LMS company: one issuer, one key set, a client id of its own."""

    CLIENT = "NeighbourDemo02"

    def __init__(self, stage: Stage, person: str) -> None:
        offer = self._settle(stage)
        url = f"{stage.tool_url}/lti/launch"
        self.stage, self.person = stage, stage.lms.person(person)
        self.link = stage.lms.add_link("The neighbour's", url=url, custom={"offer": offer}, maximum=None)
        self.walker = Walker()
        form = {**stage.lms.login_form(self.person, self.link), "client_id": self.CLIENT}
        self.walker.post(f"{stage.tool_url}/lti/login", form, origin=stage.lms_url)
        asked = urlsplit(self._sent_to(form)).query
        found = dict(pair.split("=", 1) for pair in asked.split("&"))
        self.state, self.nonce = found["state"], found["nonce"]

    def token(self, **claims: object) -> str:
        return super().token(aud=self.CLIENT, **claims)

    def _settle(self, stage: Stage) -> str:
        known = demo.registration(demo.LmsConfig(stage.lms_url, stage.tool_url, Path()))
        now = stage.tool.now()
        with stage.tool.db.transaction() as tx:
            own = workflows.connect(
                tx,
                vault=stage.tool.vault,
                organisation="The Neighbours",
                actor="test",
                now=now,
                **{**known, "client_id": self.CLIENT},
            )
        package = workflows.read_package(demo.sample_modules()[0])
        owner = own.organisation_id
        with stage.tool.db.transaction() as tx:
            version = workflows.publish_package(tx, package, organisation_id=owner, actor="test", now=now)
            made = courses.make_offer(
                tx, organisation_id=owner, module_id=version.module_id, made_by="test", settings={}, now=now
            )
        return made.public_id


def begin_again(walker: Walker, stage: Stage, home: Page) -> Page:
    token = token_for(walker, home.launch)
    return walker.post(f"{stage.tool_url}/learn/{home.launch}/attempts", {"csrf_token": token})
