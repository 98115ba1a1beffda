"""Our answer to a deep linking request, as a platform reads it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import jwt
import pytest

from lti_tool import lti
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault

DL = "https://purl.imsglobal.org/spec/lti-dl/claim"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
LINK = lti.ContentLink(
    url="https://tool.example/lti/launch",
    title="Data protection essentials",
    text="Twenty minutes",
    custom={"offer": "abc"},
    score_maximum=100,
    label="Data protection",
    resource_id="abc",
    icon_url="https://tool.example/icon.svg",
)


def answer(
    db: Database, vault: Vault, now: datetime, registration: lti.Registration, links: list[lti.ContentLink], **more: Any
) -> dict[str, Any]:
    settings = lti.DeepLinkingSettings(
        **{
            "return_url": "http://localhost:8100/return",
            "accept_types": ("ltiResourceLink",),
            "accept_multiple": True,
            "accept_line_item": None,
            "data": None,
            "title": "",
            "text": "",
            **more,
        }
    )
    with db.reading() as tx:
        key, published = lti.signing_key(tx, vault, registration.organisation_id), lti.public_jwks(tx)
    token = lti.deep_linking_response(registration, "3", settings, links, key=key, now=now, nonce="n-1")
    public = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    never = {"verify_exp": False, "verify_iat": False}
    said: dict[str, Any] = jwt.decode(token, public, algorithms=["RS256"], audience=registration.issuer, options=never)
    return said


def test_where_no_grades_are_sent_no_column_is_asked_for(
    db: Database, vault: Vault, now: datetime, registration: lti.Registration
) -> None:
    silent = replace(registration, line_items=lti.LineItemPolicy.NONE)
    (item,) = answer(db, vault, now, silent, [LINK])[f"{DL}/content_items"]
    assert "lineItem" not in item and item["custom"] == {"offer": "abc"}


def test_a_chosen_module_becomes_a_link_with_a_grade_column(
    db: Database, vault: Vault, now: datetime, registration: lti.Registration
) -> None:
    said = answer(db, vault, now, registration, [LINK], data="d")
    assert said == {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 300,
        "nonce": "n-1",
        f"{CLAIM}/deployment_id": "3",
        f"{CLAIM}/message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}/version": "1.3.0",
        f"{DL}/data": "d",
        f"{DL}/content_items": [
            {
                "type": "ltiResourceLink",
                "url": "https://tool.example/lti/launch",
                "title": "Data protection essentials",
                "text": "Twenty minutes",
                "icon": {"url": "https://tool.example/icon.svg"},
                "thumbnail": {"url": "https://tool.example/icon.svg"},
                "custom": {"offer": "abc"},
                "lineItem": {"scoreMaximum": 100, "label": "Data protection", "resourceId": "abc"},
            }
        ],
    }


def test_data_goes_back_only_if_it_was_given_even_if_empty(
    db: Database, vault: Vault, now: datetime, registration: lti.Registration
) -> None:
    assert f"{DL}/data" not in answer(db, vault, now, registration, [])
    said = answer(db, vault, now, registration, [], data="")
    assert (said[f"{DL}/data"], said[f"{DL}/content_items"]) == ("", [])


def test_a_link_without_a_grade_asks_for_no_column(
    db: Database, vault: Vault, now: datetime, registration: lti.Registration
) -> None:
    said = answer(db, vault, now, registration, [lti.ContentLink(url="https://tool.example/", title="t")])
    assert said[f"{DL}/content_items"] == [{"type": "ltiResourceLink", "url": "https://tool.example/", "title": "t"}]


@pytest.mark.parametrize("maximum", [0, -1, 101])
def test_a_maximum_that_moodle_would_refuse_cannot_be_asked_for(maximum: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        lti.ContentLink(url="https://tool.example/", title="t", score_maximum=maximum)
