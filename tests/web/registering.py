"""The steps of connecting the demo LMS by an address: an invitation, the administrator's page, the one button."""

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

from lti_tool import lti, workflows
from tests.stage import Stage
from tests.walker import Page, Walker

ADMIN = "2"  # Amara Okonkwo, who is not enrolled.


def invited(stage: Stage, name: str = "Our Moodle") -> str:
    """The address that `lti-tool platform invite` would print."""
    owner = stage.tool.settings.organisation
    with stage.tool.db.transaction() as tx:
        _, token = workflows.invite(
            tx,
            organisation=owner.name,
            country=owner.country,
            website=owner.website,
            name=name,
            lives=timedelta(hours=24),
            actor="test",
            now=stage.tool.now(),
        )
    return f"{stage.tool_url}/lti/register?invitation={token}"


def add_by_address(stage: Stage, admin: Walker, address: str, how: str = "") -> Page:
    """The administrator pastes the address; what the LMS shows then."""
    admin.post(f"{stage.lms_url}/be", {"person": ADMIN, "next": "/tools"})
    return admin.post(f"{stage.lms_url}/tools/add", {"url": address, "how": how})


def address_in_frame(page: Page) -> str:
    """Where the frame of the LMS's page leads."""
    found = re.search(r'<iframe id="registration"[^>]* src="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def connect(stage: Stage, admin: Walker, address: str, how: str = "") -> Page:
    """From pasting the address to the tool's page that waits for a launch."""
    offer = admin.get(address_in_frame(add_by_address(stage, admin, address, how)))
    assert offer.status == 200, offer.text
    done = admin.submit(offer, offer.form("/lti/register"))
    assert urlsplit(done.url).path.startswith("/lti/register/"), done.text
    return done


def registration_with(stage: Stage, client_id: str) -> lti.Registration:
    with stage.tool.db.reading() as tx:
        found = lti.registration_for(tx, issuer=stage.lms_url, client_id=client_id)
    assert found is not None
    return found
