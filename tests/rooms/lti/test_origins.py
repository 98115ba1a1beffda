"""Whose an address is, as a browser would see it."""

import pytest

from lti_tool.lti.origins import is_secure, origin_of, same_origin


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Learn.Example.edu/a?b#c", "https://learn.example.edu"),
        ("https://learn.example.edu:443/", "https://learn.example.edu"),
        ("http://learn.example.edu:80", "http://learn.example.edu"),
        ("HTTPS://learn.example.edu:8443/", "https://learn.example.edu:8443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://learn.example.edu./", "https://learn.example.edu"),
        ("https://user@learn.example.edu/", None),
        ("https://@learn.example.edu/", None),
        ("https://learn.example.edu\\@evil.example/", None),
        ("https:\\\\learn.example.edu/", None),
        (" https://learn.example.edu/", None),
        ("https://learn.example.edu/\t", None),
        ("https://exämple.edu/", None),
        ("https://learn.example.edu:port/", None),
        ("https://learn.example.edu:99999/", None),
        ("https:///path", None),
        ("//learn.example.edu/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("", None),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


def test_two_addresses_without_an_origin_are_not_of_the_same() -> None:
    assert not same_origin("", "")
    assert same_origin("https://a.example/x", "https://A.example:443/y")


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://lms.localhost/", "http://127.0.0.9/", "http://[::1]/"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert is_secure(url)


@pytest.mark.parametrize(
    "url", ["http://a.example/", "http://localhost.example/", "http://10.0.0.1/", "ftp://localhost/"]
)
def test_and_for_no_other(url: str) -> None:
    assert not is_secure(url)
