"""What went on, findable later: each line of the log names its launch, each refused launch is kept for the operator."""

from flask import Flask, Response, g, request

from lti_tool import lti
from lti_tool.core import ids, logs
from lti_tool.core.errors import ToolError
from lti_tool.web import limits
from lti_tool.web.access import ACCESS, Audience
from lti_tool.web.wiring import parts

log = logs.get("web")


def set_up(app: Flask) -> None:
    """Has every request begin with the id of its launch; to be set up before anything that may refuse."""
    app.before_request(_begin)


def launch_in_address() -> str | None:
    """The launch that the address names, if it has the form of one."""
    launch = (request.view_args or {}).get("launch")
    return launch if launch is not None and ids.is_public_id(launch) else None


def code_for_timeline(support_code: str) -> str:
    """What `lti-tool timeline` is to be asked about this request; empty where it will know nothing."""
    if _is_launching():
        return support_code
    return launch_in_address() or ""


def keep_refusal(answer: Response, fault: ToolError, *, status: int, support_code: str) -> None:
    """Keeps a refused login or launch, once the answer is on its way; that must never hold up or hide the refusal."""
    if not _is_launching():
        return
    wiring = parts()
    registration_id, known = g.get("registration_id"), g.get("evidence", {})
    if not limits.may_keep_refusal(registration_id):
        log.info("refusal.not_kept", support_code=support_code, trouble="too many in this minute")
        return

    def keep() -> None:
        try:
            with wiring.db.transaction() as tx:
                lti.keep_refusal(
                    tx,
                    fault,
                    status=status,
                    support_code=support_code,
                    registration_id=registration_id,
                    known=known,
                    now=wiring.now(),
                )
        except Exception as trouble:  # The person has the answer already; all that is left is to say so in the log.
            log.error("refusal.not_kept", support_code=support_code, trouble=str(trouble)[:500])

    answer.call_on_close(keep)


def _is_launching() -> bool:
    return ACCESS.get(request.blueprint or "") == Audience.LMS


def _begin() -> None:
    launch = launch_in_address()
    logs.begin(**({} if launch is None else {"launch": launch}))
