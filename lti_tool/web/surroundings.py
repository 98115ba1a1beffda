"""Pages between the LMS and the tool: whose door they stand at, and what surrounds them."""

from flask import g

from lti_tool import lti
from lti_tool.web import administrator, security
from lti_tool.web.pages import paths
from lti_tool.web.templating import Shell


def note_platform(registration: lti.Registration) -> None:
    """Notes for the answer whose door this is: who may frame it, where its forms may go, where its way back leads."""
    g.registration_id = registration.id
    g.frame_ancestor = registration.frame_ancestors
    g.platform_name = registration.name
    g.return_url = registration.origin
    security.allow_forms_to(registration.form_targets)


def shell_at(registration: lti.Registration) -> Shell:
    """The surroundings of a page at the door of a platform."""
    return bare_shell(registration.origin, registration.name)


def bare_shell(return_url: str | None = None, platform_name: str = "") -> Shell:
    """The surroundings of a page that belongs to no module yet."""
    return Shell("en", "ltr", "", "", True, return_url, platform_name, None, "public")


def admin_shell(section: str) -> Shell:
    """The surroundings of an administrator's page: whose tool it is, who is signed in, and which part this is."""
    operator, owner = administrator.admitted(), administrator.organisation()
    return Shell("en", "ltr", owner.name, section, False, None, operator.name, paths.ADMIN, "admin")
