"""`/healthz` (this process lives) and `/readyz` (it can do its work); neither ever calls an LMS."""

from flask import Blueprint
from sqlalchemy import text

from lti_tool.web.wiring import parts

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> tuple[dict[str, str], int]:
    """The process answers."""
    return {"status": "ok"}, 200


@health.get("/readyz")
def ready() -> tuple[dict[str, str], int]:
    """The database answers, and with this release's schema."""
    wiring = parts()
    with wiring.db.reading() as tx:
        tx.execute(text("SELECT 1 FROM registrations WHERE 1 = 0"))
    return {"status": "ok"}, 200
