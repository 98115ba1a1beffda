"""The Flask application: one blueprint per audience, each with its access declared where it is registered."""

from flask import Flask

from lti_tool.core.paths import templates_dir
from lti_tool.web import administrator, errors, guards, limits, security, session, static_files, templating, trace
from lti_tool.web.access import Audience, admit, check_access
from lti_tool.web.activity import activity
from lti_tool.web.admin import admin
from lti_tool.web.admin_desk import admin_desk
from lti_tool.web.attempts import attempts
from lti_tool.web.browser import browser
from lti_tool.web.health import health
from lti_tool.web.holder import holder
from lti_tool.web.instructor import instructor
from lti_tool.web.launch import launch
from lti_tool.web.learner import learner
from lti_tool.web.notices import notices
from lti_tool.web.public import public
from lti_tool.web.register import guard as guard_register
from lti_tool.web.register import register
from lti_tool.web.sign_in import sign_in
from lti_tool.web.wiring import Wiring, install

_MAX_BODY = 1024 * 1024


def create_app(wiring: Wiring) -> Flask:
    """The application around one wiring; any number may live in one process."""
    app = Flask("lti_tool.web", static_folder=None, template_folder=str(templates_dir()))
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    # No redirects by the router: they would name the host that the request claims, and caches keep them.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    install(app, wiring)
    trace.set_up(app)
    session.set_up_login(app)
    templating.set_up(app)
    static_files.set_up(app)
    errors.set_up(app)
    limits.set_up(app, wiring.settings)
    app.before_request(check_access)
    security.set_up(app)
    admit(app, launch, Audience.LMS)
    admit(app, browser, Audience.LMS)
    admit(app, notices, Audience.LMS)
    admit(app, register, Audience.INSTALLER, guard_register)
    admit(app, learner, Audience.LEARNER, guards.guard_session)
    admit(app, holder, Audience.LEARNER, guards.guard_session)
    admit(app, instructor, Audience.INSTRUCTOR, guards.guard_teacher)
    admit(app, activity, Audience.INSTRUCTOR, guards.guard_teacher)
    admit(app, attempts, Audience.INSTRUCTOR, guards.guard_teacher)
    admit(app, sign_in, Audience.DOOR)
    admit(app, admin, Audience.ADMIN, administrator.guard)
    admit(app, admin_desk, Audience.ADMIN, administrator.guard)
    admit(app, public, Audience.PUBLIC)
    admit(app, health, Audience.OPERATIONS)
    return app
