"""Each genuine notice counts once: what is kept of it, by hash, until it could not be shown again anyway."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.lti.launching.notice import Envelope, Notice
from lti_tool.lti.refusals import refused
from lti_tool.lti.tables import deployments, notices_taken

# A token holds an hour at most, give or take the leeway.
_KEPT = timedelta(hours=2)

_rows = notices_taken.c
_forget_old = delete(notices_taken).where(_rows.taken_at < bindparam("before"))
_text_of = select(_rows.text_hash).where(
    _rows.registration_id == bindparam("registration_id"), _rows.once_hash == bindparam("once_hash")
)
_installation = select(deployments.c.id).where(
    deployments.c.registration_id == bindparam("registration_id"),
    deployments.c.lms_deployment_id == bindparam("lms_deployment_id"),
    deployments.c.allowed,
)


def take_once(tx: Tx, envelope: Envelope, notice: Notice, *, now: datetime) -> bool:
    """Uses a verified notice up; False where this very one was taken before, LtiRefused where another had its nonce."""
    tx.execute(_forget_old, {"before": now - _KEPT})
    key = {"registration_id": notice.registration.id, "once_hash": ids.digest(notice.once)}
    text = ids.digest(envelope.text)
    fresh = insert(tx, notices_taken).values(**key, text_hash=text, taken_at=now)
    once = fresh.on_conflict_do_nothing(index_elements=["registration_id", "once_hash"]).returning(_rows.id)
    if tx.execute(once).first() is not None:
        return True
    if tx.execute(_text_of, key).scalar_one() != text:
        raise refused("lti.nonce", log={"notice": notice.id})
    return False


def installation_of(tx: Tx, notice: Notice) -> int | None:
    """The deployment that a notice is about; None for one that is not known here, or not let in."""
    key = {"registration_id": notice.registration.id, "lms_deployment_id": notice.lms_deployment_id}
    return tx.execute(_installation, key).scalar_one_or_none()
