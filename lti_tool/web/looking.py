"""What the learner's views share: where the learner stands, and what surrounds the page."""

from flask import Response, g, make_response, redirect

from lti_tool import lti, workflows
from lti_tool.web.pages import paths
from lti_tool.web.session import visiting
from lti_tool.web.templating import Shell, direction
from lti_tool.web.wiring import parts


def look() -> workflows.Study:
    """The session's standing; notes the surroundings of the page on the way."""
    session = visiting()
    with parts().db.reading() as tx:
        study = workflows.look(tx, session)
    note_shell(session, study.definition.title, study.definition.language)
    return study


def note_shell(session: lti.Session, title: str, language: str) -> None:
    g.shell = Shell(
        # Our own words are English until they are translated; the author's keep their language.
        lang="en",
        dir="ltr",
        content_lang=language,
        content_dir=direction(language),
        issuer_name="",
        module_title=title,
        frame=True,
        return_url=session.return_url,
        platform_name=session.platform_name,
        home_url=paths.home(session.public_id),
        role="learner",
        launch=session.public_id,
    )


def to(address: str) -> Response:
    """On to another page, by GET."""
    return make_response(redirect(address, code=303))
