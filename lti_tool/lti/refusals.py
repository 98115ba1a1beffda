"""Why a message of a platform is refused: each cause once, with its words for the person and whose side can mend it."""

from collections.abc import Mapping

from lti_tool.core.errors import Invalid, Side


class LtiRefused(Invalid):
    """A login, launch or claim that breaks a rule of LTI 1.3 or of this tool."""


_AGAIN = "Go back to your course and open the activity again."
_ADMIN = "Ask the LMS's administrator, and give them the code on this page."
_HAND = "An administrator of this tool can also connect it by hand, with “lti-tool platform add”."
_TOOL_ADMIN = "An administrator can compare the settings of this tool in the LMS with those here."

_CAUSES: Mapping[str, tuple[str, str, Side]] = {
    "lti.missing_parameter": (
        "The LMS's request to open this activity lacks “%(name)s”.",
        "Open the activity from your course, not from a saved address. " + _ADMIN,
        Side.LMS,
    ),
    "lti.overlong_parameter": ("The LMS sent a “%(name)s” that is longer than allowed.", _ADMIN, Side.LMS),
    "lti.parameter": ("The LMS sent a “%(name)s” that cannot be read.", _ADMIN, Side.LMS),
    "lti.foreign_target": ("The LMS asked this tool to open an address that is not its own.", _TOOL_ADMIN, Side.LMS),
    "lti.unknown_platform": (
        "This tool is not connected to the LMS that you came from.",
        "An administrator of this tool can add it with the issuer and client ID that the LMS shows.",
        Side.TOOL,
    ),
    "lti.login_used_or_expired": ("This launch was used already, or took longer than five minutes.", _AGAIN, Side.YOU),
    "lti.declined": ("The LMS could not open this activity.", _AGAIN + " If it stays: " + _ADMIN, Side.LMS),
    "lti.declined_too_late": ("The LMS says that this launch was used already, or took too long.", _AGAIN, Side.YOU),
    "lti.declined_signed_out": (
        "The LMS says that you are not signed in there.",
        "Sign in to your LMS, and open the activity from your course again.",
        Side.YOU,
    ),
    "lti.declined_not_allowed": (
        "The LMS does not let this tool be opened in this course.",
        "Ask the LMS's administrator: the tool (in Canvas, its developer key) may be switched off there.",
        Side.LMS,
    ),
    "lti.handover_used_or_expired": (
        "This way into a tab of its own was used already, or is older than a minute.",
        "Go back to the frame in your course and press the button there once more.",
        Side.YOU,
    ),
    "lti.other_browser": ("This launch was begun in another browser or window.", _AGAIN, Side.YOU),
    "lti.token_form": ("The LMS's launch message cannot be read.", _ADMIN, Side.LMS),
    "lti.algorithm": ("The LMS signed its launch message in a way that is not allowed.", _ADMIN, Side.LMS),
    "lti.no_key_id": ("The LMS's launch message does not say which key signed it.", _ADMIN, Side.LMS),
    "lti.unknown_key": (
        "The LMS signed its launch message with a key that it does not publish.",
        "Wait a minute and open the activity again. If it stays, ask the LMS's administrator.",
        Side.LMS,
    ),
    "lti.signature": ("The signature of the LMS's launch message is not genuine.", _ADMIN, Side.LMS),
    "lti.issuer": ("The launch message comes from another LMS than the one that began it.", _TOOL_ADMIN, Side.LMS),
    "lti.audience": ("The LMS's launch message is meant for another tool.", _TOOL_ADMIN, Side.LMS),
    "lti.authorized_party": ("The LMS's launch message was issued to another tool.", _TOOL_ADMIN, Side.LMS),
    "lti.no_time": ("The LMS's launch message does not say when it was made or how long it holds.", _ADMIN, Side.LMS),
    "lti.lifetime": ("The LMS's launch message claims to hold for too long, or not at all.", _ADMIN, Side.LMS),
    "lti.clock": (
        "The clocks do not agree: the LMS’s clock and ours differ by about %(seconds)s seconds.",
        "Try again in a few minutes. If it stays, ask the administrators of both to set their clocks by a time server.",
        Side.LMS,
    ),
    "lti.token_expired": ("The LMS's launch message ran out before it arrived.", _AGAIN, Side.YOU),
    "lti.nonce": ("The LMS's launch message does not belong to this launch.", _AGAIN, Side.LMS),
    "lti.version": ("The LMS's message is not of LTI version 1.3.0.", _ADMIN, Side.LMS),
    "lti.message_type": ("The LMS sent a kind of message that this tool does not take.", _ADMIN, Side.LMS),
    "lti.missing_claim": ("The LMS's launch message lacks “%(claim)s”.", _ADMIN, Side.LMS),
    "lti.claim": ("The LMS's launch message has a “%(claim)s” that cannot be read.", _ADMIN, Side.LMS),
    "lti.deployment": (
        "The launch message names another installation of this tool than the one that began it.",
        _TOOL_ADMIN,
        Side.LMS,
    ),
    "lti.target": ("The launch message leads to another page than the one it began with.", _TOOL_ADMIN, Side.LMS),
    "lti.return_url": (
        "The LMS wants the chosen module sent to %(host)s, which is not known here as an address of its own.",
        "If that is the LMS, an administrator of this tool can confirm it; give them the code on this page.",
        Side.TOOL,
    ),
    "lti.message": ("The LMS's launch message is incomplete.", _ADMIN, Side.LMS),
    "lti.register_parameter": (
        "The LMS opened this page without “%(name)s”.",
        "This address is to be pasted into your LMS, where tools are added; opened by itself it can do nothing.",
        Side.YOU,
    ),
    "lti.configuration": ("What the LMS says of itself lacks “%(field)s”, or has it in a wrong form.", _HAND, Side.LMS),
    "lti.configuration_plain": (
        "What the LMS says of itself has “%(url)s” as its “%(field)s”, which is not encrypted.",
        "An LMS is reached by https:// only (plain http works on this computer).",
        Side.LMS,
    ),
    "lti.configuration_host": (
        "The LMS calls itself “%(issuer)s”, but said so at %(host)s: that may be somebody else.",
        "Its administrator can set its own address as the name by which it signs (Canvas: lti_iss in security.yml). "
        + _HAND,
        Side.LMS,
    ),
    "lti.configuration_status": (
        "The LMS answered with %(status)s when it was asked who it is.",
        "Begin once more in your LMS, as its permission for this page may have run out. If it stays: " + _HAND,
        Side.LMS,
    ),
    "lti.registration_refused": (
        "The LMS did not add this tool. It answered with %(status)s: %(reason)s.",
        "Nothing was stored here, and the invitation still holds: begin once more in your LMS. " + _HAND,
        Side.LMS,
    ),
    "lti.registration_answer": (
        "The LMS has added this tool, but its answer lacks “%(field)s”, or has it in a wrong form.",
        "Delete the tool in your LMS again; the invitation still holds. " + _HAND,
        Side.LMS,
    ),
    "lti.registration_url": (
        "“%(url)s” cannot be an address of an LMS.",
        "It must begin with https:// (plain http works on this computer only).",
        Side.YOU,
    ),
    "lti.registration_leeway": (
        "“%(given)s” cannot be the number of seconds by which the clocks may differ.",
        "Give a whole number from 0 to 300, or leave it to the settings.",
        Side.YOU,
    ),
    "lti.registration_no_algorithm": (
        "Without an algorithm no launch could be verified.",
        "Choose at least one; RS256 is what LTI asks of every LMS.",
        Side.YOU,
    ),
    "lti.registration_algorithm": (
        "A launch signed with “%(name)s” is never verified.",
        "Choose among %(known)s: those are signatures that only the LMS's private RSA key can make.",
        Side.YOU,
    ),
    "lti.registration_line_items": (
        "Choose which columns of the gradebook get grades.",
        "Nothing was changed.",
        Side.YOU,
    ),
    "lti.registration_origin": (
        "“%(url)s” cannot be an origin of an LMS.",
        "Name its scheme and host and nothing more, as in https://canvas.school.edu (plain http works on this "
        "computer only).",
        Side.YOU,
    ),
}


def refused(code: str, *, log: Mapping[str, object] | None = None, **params: object) -> LtiRefused:
    """The refusal with this code; `log` is for the operator alone."""
    detail, hint, side = _CAUSES[code]
    return LtiRefused(code, detail, hint, side=side, log=log, **params)
