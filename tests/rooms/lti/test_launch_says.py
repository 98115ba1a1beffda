"""What a launch says is read by one rule each: names, custom parameters, the way back, deep linking settings."""

import pytest

from lti_tool import lti, people
from tests.rooms.lti.lms import CLAIM, DROP, LIS, Lms, refusal


def test_names_come_in_one_form_without_control_characters_and_not_endless(lms: Lms) -> None:
    launch = lms.launch(name=" e\u0301mile\x00\x1b Combining\ud800 ", given_name="x" * 1000, family_name="  ")
    assert launch.name == "émile Combining"
    assert launch.given_name == "x" * 300
    assert launch.family_name is None


def test_custom_parameters_that_say_nothing_are_left_out(lms: Lms) -> None:
    custom = {"offer": "abc", "when": "$ResourceLink.available.startDateTime", "none": None, "price": "$5", "n": 1}
    assert lms.launch(_custom=custom).custom == {"offer": "abc", "price": "$5"}


def test_a_way_back_that_is_no_web_address_is_left_out(lms: Lms) -> None:
    assert lms.launch(_launch_presentation={"return_url": "javascript:alert(1)"}).return_url is None
    good = "https://school.example/course/2"
    assert lms.launch(_launch_presentation={"return_url": good, "locale": "nb"}).return_url == good


def test_the_student_view_is_marked(lms: Lms) -> None:
    roles = [f"{LIS}/membership#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]
    launch = lms.launch(_roles=roles)
    assert launch.is_test_user
    assert launch.role is lti.Role.LEARNER


@pytest.mark.parametrize("name", ["masquerading_user", "canvas_masquerading_user_id"])
@pytest.mark.parametrize("value", ["2", 2, "10000000000002", "\ud800", "x" * 5000, " 2"])
def test_whoever_acts_as_somebody_is_told(lms: Lms, name: str, value: object) -> None:
    """Also as a number, as Canvas may write one; and whatever it is, it can be kept."""
    launch = lms.launch(_custom={"offer": "abc", name: value})
    assert launch.is_masquerade and launch.masquerader.encode() and len(launch.masquerader) <= 1000
    assert launch.subject == "6" and launch.custom["offer"] == "abc"


@pytest.mark.parametrize("value", ["$Canvas.masqueradingUser.id", "", " ", None, True, ["2"], {"id": 2}, 2.5])
def test_nobody_acts_where_the_platform_names_nobody(lms: Lms, value: object) -> None:
    """Every other platform sends the variable back as it is."""
    launch = lms.launch(
        _custom={"masquerading_user": value, "canvas_masquerading_user_id": "$Canvas.masqueradingUser.id"}
    )
    assert not launch.is_masquerade
    assert not lms.launch().is_masquerade


def test_no_platform_can_send_the_id_of_a_stand_in(lms: Lms) -> None:
    """Else its learner would get the person of somebody who only acted as one."""
    assert refusal(lambda: lms.launch(sub=people.stand_in("6", "2"))) == "lti.claim"


DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
SETTINGS = {
    "deep_link_return_url": "http://localhost:8100/mod/lti/contentitem_return.php?course=2",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
}


def deep_link(lms: Lms, **changes: object) -> lti.Launch:
    settings = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not DROP}
    more = {"_message_type": "LtiDeepLinkingRequest", "_resource_link": DROP, DEEP_LINKING: settings}
    return lms.launch(**more)


def test_a_deep_linking_launch_says_what_the_platform_takes(lms: Lms) -> None:
    launch = deep_link(lms, accept_multiple=True, accept_lineitem="true", data="opaque\n", title="Choose")
    assert launch.message is lti.MessageType.DEEP_LINKING
    assert launch.deep_linking == lti.DeepLinkingSettings(
        return_url=SETTINGS["deep_link_return_url"],
        accept_types=("ltiResourceLink",),
        accept_multiple=True,
        accept_line_item=True,
        data="opaque\n",
        title="Choose",
        text="",
    )


@pytest.mark.parametrize(
    "url", ["https://evil.example/return", "http://localhost:8101/return", "https://localhost.evil.example/"]
)
def test_a_choice_is_never_sent_to_another_site(lms: Lms, url: str) -> None:
    assert refusal(lambda: deep_link(lms, deep_link_return_url=url)) == "lti.return_url"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8100@evil.example/",
        "http://localhost:8100\\.evil.example/",
        "javascript:alert(1)//localhost:8100",
        'http://localhost:8100/"><script>\n',
        "//localhost:8100/return",
        "http://elsewhere.example/",
    ],
)
def test_a_choice_is_never_sent_to_what_only_looks_like_an_address(lms: Lms, url: str) -> None:
    assert refusal(lambda: deep_link(lms, deep_link_return_url=url)) in ("lti.return_url", "lti.claim")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"deep_link_return_url": DROP}, "lti.missing_claim"),
        ({"accept_types": DROP}, "lti.missing_claim"),
        ({"accept_types": ["file"]}, "lti.message"),
        ({"accept_types": "ltiResourceLink"}, "lti.claim"),
        ({"accept_multiple": "perhaps"}, "lti.claim"),
    ],
)
def test_a_deep_linking_request_that_we_cannot_serve_is_refused(
    lms: Lms, changes: dict[str, object], code: str
) -> None:
    assert refusal(lambda: deep_link(lms, **changes)) == code


def test_deep_linking_without_settings_is_refused(lms: Lms) -> None:
    more = {"_message_type": "LtiDeepLinkingRequest", "_resource_link": DROP}
    assert refusal(lambda: lms.launch(**more)) == "lti.missing_claim"


def test_a_claim_s_name_is_short_in_the_words_for_the_person(lms: Lms) -> None:
    with pytest.raises(lti.LtiRefused) as caught:
        lms.launch(_resource_link={"id": 17})
    assert CLAIM not in caught.value.text
    assert "resource_link.id" in caught.value.text
