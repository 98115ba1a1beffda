"""What is stored about one person, in plain words, and whom to ask about it."""

from dataclasses import dataclass

from lti_tool import lti, workflows
from lti_tool.web.pages import paths


@dataclass(frozen=True)
class PrivacyPage:
    """`facts` are words and values; an empty value means that the LMS does not share it."""

    platform_name: str
    facts: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    organisation: str
    website: str
    home_url: str | None


def privacy_page(kept: workflows.Kept, session: lti.Session) -> PrivacyPage:
    """The page for the session's own person."""
    person = kept.person
    return PrivacyPage(
        platform_name=session.platform_name,
        facts=(
            ("Name", person.shown_name),
            ("E-mail address", person.email or ""),
            ("Language", person.locale or ""),
            ("Number in the LMS", person.lms_user_id if not person.is_stand_in else ""),
        ),
        counts=(
            ("Activities opened", kept.activities),
            ("Attempts with their answers", kept.attempts),
            ("Certificates", kept.certificates),
            ("Lists of a course’s people, as the LMS gave them to your teachers’ pages", kept.lists),
        ),
        organisation=kept.organisation.name,
        website=kept.organisation.website,
        home_url=paths.home(session.public_id) if session.enrolment_id is not None else None,
    )
