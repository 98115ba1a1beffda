"""What is kept about a person, for the person: counted, so that a page can say it (LtiDataPrivacyLaunchRequest)."""

from dataclasses import dataclass

from lti_tool import assessments, courses, credentials, lti, people
from lti_tool.core.db import Tx


@dataclass(frozen=True)
class Kept:
    """What is stored about one person within one platform, and the organisation that answers for it."""

    person: people.Person
    organisation: people.Organisation
    activities: int
    attempts: int
    certificates: int
    # The LMS's lists of its courses' people that name them.
    lists: int


def what_is_kept(tx: Tx, session: lti.Session) -> Kept:
    """All that hangs on the session's own person."""
    mine = courses.enrolments_of_person(tx, session.person_id)
    person = people.find_person(tx, session.person_id)
    return Kept(
        person=person,
        organisation=people.find_organisation(tx, session.organisation_id),
        activities=len(mine),
        attempts=sum(len(assessments.attempts_of(tx, enrolment.id)) for enrolment in mine),
        certificates=len(credentials.credentials_of_person(tx, session.person_id)),
        lists=courses.lists_with(tx, session.registration_id, person.lms_user_id),
    )
