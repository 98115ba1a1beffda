"""Whatever a signed message holds where something else belongs: it is read or refused, and never a crash."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool import lti
from tests.rooms.lti.lms import CLAIM, PUBLIC_URL, Lms, part

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

TEXTS = st.text(st.characters(), max_size=12) | st.sampled_from(["", "\ud800", "\x00", "javascript:1", "$A.b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "title", "scope", "lineitem", "url", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)
WHERE = st.sampled_from(
    [
        *("iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "given_name", "email", "locale"),
        *(
            f"{CLAIM}/{name}"
            for name in [
                "version",
                "message_type",
                "deployment_id",
                "target_link_uri",
                "resource_link",
                "roles",
                "context",
                "custom",
                "launch_presentation",
                "tool_platform",
                "lis",
                "ext",
            ]
        ),
        *(AGS, NRPS, DL),
    ]
)
INSIDE = st.sampled_from(
    [
        (f"{CLAIM}/resource_link", "id"),
        (f"{CLAIM}/context", "title"),
        (f"{CLAIM}/launch_presentation", "return_url"),
        (f"{CLAIM}/custom", "offer"),
        (AGS, "scope"),
        (AGS, "lineitem"),
        (NRPS, "context_memberships_url"),
        *(
            (DL, name)
            for name in [
                "deep_link_return_url",
                "accept_types",
                "accept_multiple",
                "accept_lineitem",
                "data",
                "title",
                "accept_presentation_document_targets",
            ]
        ),
    ]
)
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def is_read_or_refused(lms: Lms, begun: Any, claims: dict[str, Any]) -> None:
    try:
        launch = lms.verify(lms.sign(claims), begun)
    except lti.LtiRefused as fault:
        assert fault.code.startswith("lti.")
        assert fault.text
        return
    assert launch.target_link_uri.startswith(PUBLIC_URL)
    # What was accepted must fit into the database: no null characters, no halves of characters.
    for value in vars(launch).values():
        if isinstance(value, str):
            assert "\x00" not in value.encode().decode()


@pytest.mark.parametrize("message", ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])
def test_any_claim_of_any_type(lms: Lms, message: str) -> None:
    begun = lms.begin()
    good = lms.claims(begun, _message_type=message)
    good[DL] = {
        "deep_link_return_url": "http://localhost:8100/r",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    }
    lms.verify(lms.sign(good), begun)

    @MANY
    @given(WHERE, VALUES, INSIDE, VALUES)
    def tried(where: str, value: object, inside: tuple[str, str], other: object) -> None:
        is_read_or_refused(lms, begun, {**good, where: value})
        holder = good.get(inside[0], {})
        is_read_or_refused(lms, begun, {**good, inside[0]: {**holder, inside[1]: other}})

    tried()


def test_any_header_and_any_body(lms: Lms) -> None:
    begun = lms.begin()

    @MANY
    @given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "zip"]), VALUES) | VALUES, VALUES)
    def tried(header: object, body: object) -> None:
        signed = part(header) + "." + part(body)
        for token in (f"{signed}.{lms.signature(signed)}", f"{signed}.AAAA"):
            with pytest.raises(lti.LtiRefused):
                lms.verify(token, begun)
        if isinstance(header, dict):
            with pytest.raises(lti.LtiRefused):
                lms.verify(lms.sign(body, **header), begun)

    tried()
