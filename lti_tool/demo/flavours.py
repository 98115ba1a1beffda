"""Which LMS the demo plays: for each flavour its state, its pages and what an administrator copies into a tool."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint

from lti_tool.demo import ags, deep_linking, nrps, oidc, registering, services, tokens
from lti_tool.demo.canvas import ags as canvas_ags
from lti_tool.demo.canvas import deep_linking as canvas_deep_linking
from lti_tool.demo.canvas import facts, frames
from lti_tool.demo.canvas import notices as canvas_notices
from lti_tool.demo.canvas import nrps as canvas_nrps
from lti_tool.demo.canvas import oidc as canvas_oidc
from lti_tool.demo.canvas import registering as canvas_registering
from lti_tool.demo.canvas import services as canvas_services
from lti_tool.demo.canvas import tokens as canvas_tokens
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import Facts, Flavour, LmsConfig
from lti_tool.demo.config import registration as moodle_registration
from lti_tool.demo.state import Lms

# These hang their addresses onto the blueprint of `services` when they are imported.
_SERVICES = (ags, nrps, tokens, canvas_ags, canvas_nrps, canvas_notices, canvas_tokens)


def make_lms(config: LmsConfig, clock: Callable[[], datetime] | None = None) -> Lms:
    """The LMS of the configured flavour, by the real clock unless another is given."""
    kind = CanvasLms if config.flavour is Flavour.CANVAS else Lms
    return kind(config, clock=clock) if clock else kind(config)


def blueprints(config: LmsConfig) -> tuple[Blueprint, ...]:
    """The addresses by which the flavour is known to tools."""
    if config.flavour is Flavour.CANVAS:
        return (
            canvas_oidc.blueprint,
            canvas_deep_linking.blueprint,
            canvas_services.blueprint,
            frames.blueprint,
            canvas_registering.blueprint,
        )
    return (oidc.blueprint, deep_linking.blueprint, services.blueprint, registering.blueprint)


def registrations(config: LmsConfig) -> tuple[Facts, ...]:
    """What the tool must know of this LMS, ready to be passed on as keyword arguments: one set for each client id."""
    return facts.registrations(config) if config.flavour is Flavour.CANVAS else (moodle_registration(config),)


def registration(config: LmsConfig) -> Facts:
    """The first of `registrations`; in Moodle the only one."""
    return registrations(config)[0]
