"""Rules of what a signed launch says (LTI Core 1.3 §5.3, Deep Linking 2.0 §4.4.1)."""

from lti_tool.lti.advantage.deep_linking import ItemType
from lti_tool.lti.launching.claims import Claims
from lti_tool.lti.launching.launch import LONGEST_URL, Launch, MessageType, message_name, read_launch
from lti_tool.lti.launching.rules.case import Case
from lti_tool.lti.origins import host_of, is_secure, path_of, same_origin, secure_origin
from lti_tool.lti.refusals import refused
from lti_tool.lti.vocabulary import CLAIM, DL_CLAIM, VERSION


def is_of_the_login_s_deployment(case: Case) -> None:
    given, begun = case.claims.required_id(f"{CLAIM}/deployment_id"), case.began.lms_deployment_id
    if begun is not None and given != begun:
        raise refused("lti.deployment", log={"login": begun, "launch": given})


def is_of_our_version(case: Case) -> None:
    given = case.claims.required_id(f"{CLAIM}/version")
    if given != VERSION:
        raise refused("lti.version", log={"version": given})


def is_a_message_that_we_take(case: Case) -> None:
    given = case.claims.required_id(f"{CLAIM}/message_type")
    if message_name(given) not in set(MessageType):
        raise refused("lti.message_type", log={"message_type": given})


def has_roles(case: Case) -> None:
    """The claim must be there; it may be empty."""
    case.claims.texts(f"{CLAIM}/roles", required=True)


def names_somebody(case: Case) -> None:
    """An anonymous launch is none that a certificate could come of."""
    case.claims.required_id("sub")


def names_its_link(case: Case) -> None:
    if _message(case).names_a_link:
        case.claims.part(f"{CLAIM}/resource_link").required_id("id")


def names_whose_work_is_meant(case: Case) -> None:
    """A review of a submission is of somebody's."""
    if _message(case) is MessageType.SUBMISSION_REVIEW:
        case.claims.part(f"{CLAIM}/for_user", required=True).required_id("user_id")


def leads_to_us(case: Case) -> None:
    given = _target(case)
    if not same_origin(given, case.public_url):
        raise refused("lti.foreign_target", log={"target_link_uri": given[:200]})


def leads_where_the_login_led(case: Case) -> None:
    given, begun = _target(case), case.began.target_link_uri
    if path_of(given) != path_of(begun):
        raise refused("lti.target", log={"login": begun[:200], "launch": given[:200]})


def tells_how_to_link(case: Case) -> None:
    if _is_deep_linking(case):
        _settings(case).required_id("deep_link_return_url", LONGEST_URL)
        _settings(case).texts("accept_types", required=True)


def takes_what_we_have(case: Case) -> None:
    """A platform that takes files or pictures alone gets nothing from us."""
    if _is_deep_linking(case):
        asked = _settings(case).texts("accept_types", required=True)
        if not set(asked) & set(ItemType):
            raise refused("lti.message", log={"accept_types": asked[:20]})


def returns_to_its_platform(case: Case) -> None:
    if not _is_deep_linking(case):
        return
    url = _settings(case).required_id("deep_link_return_url", LONGEST_URL)
    if not is_secure(url) or not case.registration.owns(url):
        facts = {"deep_link_return_url": url[:200], "origin": secure_origin(url) or ""}
        raise refused("lti.return_url", log=facts, host=host_of(url) or "an address")


def read(case: Case) -> Launch:
    """What the launch says; raises LtiRefused for a claim that cannot be read."""
    return read_launch(case.claims, case.registration, case.state)


def _message(case: Case) -> MessageType:
    return MessageType(message_name(case.claims.required_id(f"{CLAIM}/message_type")))


def _is_deep_linking(case: Case) -> bool:
    return _message(case) is MessageType.DEEP_LINKING


def _target(case: Case) -> str:
    return case.claims.required_id(f"{CLAIM}/target_link_uri", LONGEST_URL)


def _settings(case: Case) -> Claims:
    return case.claims.part(f"{DL_CLAIM}/deep_linking_settings", required=True)
