"""Who may come to which address: declared where a blueprint is registered, enforced before every view.

There is no undeclared address: a house test walks the URL map against `ACCESS`, and a request to an endpoint that is
not in it is refused.
"""

from collections.abc import Callable
from enum import StrEnum

from flask import Blueprint, Flask, Response, request

from lti_tool.core.errors import NotFound


class Audience(StrEnum):
    """For whom an address is. `LMS` is the door that platforms send browsers to: judged by its own protocol.

    `INSTALLER` is whoever connects an LMS: an invitation lets them in. `ADMIN` is an operator who has signed in; `DOOR`
    is where operators sign in and set themselves up, having no session yet.
    """

    PUBLIC = "public"
    LMS = "lms"
    INSTALLER = "installer"
    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    OPERATIONS = "operations"
    DOOR = "door"
    ADMIN = "admin"


ACCESS: dict[str, Audience] = {}
"""Blueprint name → audience; the static files of the application belong to everybody."""

Guard = Callable[[], Response | None]
_GUARDS: dict[str, Guard] = {}


def admit(app: Flask, blueprint: Blueprint, audience: Audience, guard: Guard | None = None) -> None:
    """Registers a blueprint for one audience; `guard` runs before each of its views.

    It raises to refuse, or answers in place of the view.
    """
    ACCESS[blueprint.name] = audience
    if guard is not None:
        _GUARDS[blueprint.name] = guard
    app.register_blueprint(blueprint)


def check_access() -> Response | None:
    """Before every request: an endpoint whose blueprint declared nothing does not exist, and guards guard."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if request.blueprint not in ACCESS:
        raise NotFound("web.not_found", "There is no such page.")
    guard = _GUARDS.get(request.blueprint)
    return None if guard is None else guard()
