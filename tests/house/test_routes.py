"""Every address: who may come is declared, and every answer says who may frame it and what may run in it.

Asked without a session and with made-up ids, a GET must not write either; with a session the source is judged
(tests/house/reading.py).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from lti_tool.core.db import Database, Tx

MADE_UP = "0123456789abcdefghjkmnpqrs"


def undeclared(app: Flask) -> list[str]:
    """The addresses whose blueprint declares no audience."""
    from lti_tool.web.access import ACCESS

    return [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and _room(rule) not in ACCESS]


def _room(rule: Rule) -> str:
    return rule.endpoint.rpartition(".")[0]


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each rule with an address that it matches."""
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, MADE_UP)
        for name, converter in rule._converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            values[name] = {"integer": "1", "path": "a/b"}.get(kind, MADE_UP)
        if rule.endpoint == "static":
            values["filename"] = "app.css"
        path = rule.rule
        for name, value in values.items():
            path = _fill(path, name, value)
        yield rule, path


def _fill(path: str, name: str, value: str) -> str:
    return re.sub(rf"<(\w+(\([^)]*\))?:)?{name}>", value, path)


def test_access_is_declared_for_every_address(house_app: Flask) -> None:
    assert undeclared(house_app) == []


def test_an_undeclared_address_is_noticed_and_does_not_exist(house_app: Flask) -> None:
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", view_func=lambda: "open")
    house_app.register_blueprint(stray)
    assert undeclared(house_app) == ["/stray"]
    assert house_app.test_client().get("/stray").status_code == 404


def test_every_answer_carries_its_headers(house_app: Flask) -> None:
    client = house_app.test_client()
    for rule, path in addresses(house_app):
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = client.open(path, method=method, base_url="https://tool.example")
        policy = dict(
            part.strip().partition(" ")[::2] for part in answer.headers.get("Content-Security-Policy", "").split(";")
        )
        said = f"{method} {path} → {answer.status_code}"
        assert answer.status_code < 500, said
        assert policy.get("default-src") == "'none'", said
        assert "frame-ancestors" in policy, said
        assert "unsafe" not in str(policy), said
        assert answer.headers["X-Content-Type-Options"] == "nosniff", said
        assert answer.headers["Referrer-Policy"] == "same-origin", said
        assert "Strict-Transport-Security" in answer.headers, said
        answer.close()


def test_what_is_not_there_carries_them_too(house_app: Flask) -> None:
    answer = house_app.test_client().get("/no/such/page", base_url="https://tool.example")
    assert answer.status_code == 404
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]


def test_a_get_without_a_session_opens_no_transaction(house_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    @contextmanager
    def watched(_db: Database) -> Iterator[Tx]:
        opened.append("transaction")
        raise AssertionError("a GET opened a transaction")
        yield

    monkeypatch.setattr(Database, "transaction", watched)
    client = house_app.test_client()
    for rule, path in addresses(house_app):
        if "GET" in (rule.methods or ()) and rule.rule != "/lti/login":
            client.get(path, base_url="https://tool.example").close()
            assert opened == [], path
