"""What went on, findable later: each line of the log names its launch, and what people were refused is kept a while."""

from collections.abc import Callable

from flask import Flask, Response, g, request

from lti_tool import lti
from lti_tool.core import ids, logs
from lti_tool.core.db import Tx
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
    return support_code if _is_launching() or launch_in_address() else ""


def keep_refusal(answer: Response, fault: ToolError, *, status: int, support_code: str) -> None:
    """Keeps a refused login or launch, or an error within a session, once the answer is on its way.

    That must never hold up or hide what the person is told.
    """
    keep = _refusal(fault, status, support_code) if _is_launching() else _session_fault(fault, status, support_code)
    if keep is None:
        return
    db = parts().db

    def kept() -> None:
        try:
            with db.transaction() as tx:
                keep(tx)
        except Exception as trouble:  # The person has the answer already; all that is left is to say so in the log.
            log.error("refusal.not_kept", support_code=support_code, trouble=str(trouble)[:500])

    answer.call_on_close(kept)


def _refusal(fault: ToolError, status: int, support_code: str) -> Callable[[Tx], None] | None:
    registration_id, known, now = g.get("registration_id"), g.get("evidence", {}), parts().now()
    if not limits.may_keep_refusal(registration_id):
        _not_kept(support_code)
        return None
    facts = {"registration_id": registration_id, "known": known, "now": now}
    return lambda tx: lti.keep_refusal(tx, fault, status=status, support_code=support_code, **facts)


def _session_fault(fault: ToolError, status: int, support_code: str) -> Callable[[Tx], None] | None:
    launch, place, now = launch_in_address(), request.endpoint or "", parts().now()
    if launch is None:
        return None
    if not limits.may_keep_fault(launch):
        _not_kept(support_code)
        return None
    inside = g.get("visit") == launch
    if not inside and not _is_session(launch):
        return None
    facts = {"session_id": launch, "place": place, "inside": inside, "now": now}
    return lambda tx: lti.keep_fault(tx, fault, status=status, support_code=support_code, **facts)


def _is_session(launch: str) -> bool:
    """Whether there is such a session at all: a stranger's guess must not even open a transaction."""
    with parts().db.reading() as tx:
        return lti.find_session(tx, launch) is not None


def _not_kept(support_code: str) -> None:
    log.info("refusal.not_kept", support_code=support_code, trouble="too many in this minute")


def _is_launching() -> bool:
    return ACCESS.get(request.blueprint or "") == Audience.LMS


def _begin() -> None:
    launch = launch_in_address()
    logs.begin(**({} if launch is None else {"launch": launch}))
