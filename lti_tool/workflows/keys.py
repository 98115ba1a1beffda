"""The keys by which LMSs know this tool: a new one in place of the old, and the end of those that were replaced."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lti_tool import lti, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.secrets import Vault


def rotate_keys(
    tx: Tx, vault: Vault, organisations: Sequence[people.Organisation], *, actor: str, now: datetime
) -> Sequence[str]:
    """A new key for each organisation, which signs from now on; the kids, in order."""
    made = []
    for organisation in organisations:
        kid = lti.rotate_tool_key(tx, vault, organisation.id, now)
        audit.record(tx, now=now, actor=actor, act="key.rotate", subject=f"organisation:{organisation.id}", kid=kid)
        made.append(kid)
    return made


def retire_keys(tx: Tx, *, overlap: timedelta, now: datetime) -> Sequence[str]:
    """Ends the keys that have been published long enough after they were replaced; their kids."""
    kids = lti.retire_tool_keys(tx, overlap=overlap, now=now)
    for kid in kids:
        audit.record(tx, now=now, actor="worker", act="key.retire", subject=f"key:{kid}")
    return kids
