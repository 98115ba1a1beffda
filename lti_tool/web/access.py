"""Who may come to which address: declared where a blueprint is registered, enforced before every view.

There is no undeclared address: a house test walks the URL map against `ACCESS`, and a request to an endpoint that is
not in it is refused.
"""

from collections.abc import Callable
from enum import StrEnum

from flask import Blueprint, Flask, request

from lti_tool.core.errors import NotFound


class Audience(StrEnum):
    """For whom an address is. `LMS` is the door that platforms send browsers to: judged by its own protocol."""

    PUBLIC = "public"
    LMS = "lms"
    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    OPERATIONS = "operations"


ACCESS: dict[str, Audience] = {}
"""Blueprint name → audience; the static files of the application belong to everybody."""

Guard = Callable[[], None]
_GUARDS: dict[str, Guard] = {}


def admit(app: Flask, blueprint: Blueprint, audience: Audience, guard: Guard | None = None) -> None:
    """Registers a blueprint for one audience; `guard` runs before each of its views and raises to refuse."""
    ACCESS[blueprint.name] = audience
    if guard is not None:
        _GUARDS[blueprint.name] = guard
    app.register_blueprint(blueprint)


def check_access() -> None:
    """Before every request: an endpoint whose blueprint declared nothing does not exist, and guards guard."""
    if request.endpoint is None or request.endpoint == "static":
        return
    if request.blueprint not in ACCESS:
        raise NotFound("web.not_found", "There is no such page.")
    guard = _GUARDS.get(request.blueprint)
    if guard is not None:
        guard()
