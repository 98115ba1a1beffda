"""What a person may do, from the roles claim (LTI Core 1.3 §5.3.7 and Appendix A).

Only *context membership* roles count: Canvas lists a teacher of any course of the school as institution Instructor,
also where they learn. An administrator counts as one only where the course gives them no role of its own.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

TEST_USER = re.compile(r"https?://purl\.imsglobal\.org/vocab/(?:lti|lis/v2)/system/person#TestUser")
_MEMBERSHIP = re.compile(r"https?://purl\.imsglobal\.org/vocab/lis/v2/membership(?:/([A-Za-z]+))?#([A-Za-z]+)")
_ADMINISTRATOR = re.compile(
    r"https?://purl\.imsglobal\.org/vocab/lis/v2/(?:institution|system)/person#(?:Administrator|SysAdmin)"
)
_ASSISTANTS = frozenset(
    {
        "TeachingAssistant",
        "TeachingAssistantGroup",
        "TeachingAssistantOffering",
        "TeachingAssistantSection",
        "TeachingAssistantSectionAssociation",
        "TeachingAssistantTemplate",
        "Grader",
    }
)


class Role(StrEnum):
    """A person's role in one course; the properties are the columns of DESIGN §10's table."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    TEACHING_ASSISTANT = "teaching_assistant"
    DESIGNER = "designer"
    MENTOR = "mentor"
    ADMINISTRATOR = "administrator"

    @property
    def sees_learners(self) -> bool:
        """May see how the learners of the course are doing."""
        return self in (Role.INSTRUCTOR, Role.TEACHING_ASSISTANT, Role.ADMINISTRATOR)

    @property
    def may_grade(self) -> bool:
        """May decide about a learner's attempts: more time, away with one, open again."""
        return self in (Role.INSTRUCTOR, Role.TEACHING_ASSISTANT)

    @property
    def may_author(self) -> bool:
        """May choose, write and publish modules."""
        return self in (Role.INSTRUCTOR, Role.DESIGNER)

    @property
    def is_assessed(self) -> bool:
        """What they do counts, for a grade and a certificate."""
        return self is Role.LEARNER


def role_of(roles: Iterable[str]) -> Role:
    """The one role that counts. A sub-role narrows: an Instructor who is a TeachingAssistant is an assistant."""
    given = list(roles)
    names = _membership_names(given)
    if names & _ASSISTANTS:
        return Role.TEACHING_ASSISTANT
    for name, role in (
        ("Instructor", Role.INSTRUCTOR),
        ("Administrator", Role.ADMINISTRATOR),
        ("ContentDeveloper", Role.DESIGNER),
        ("Learner", Role.LEARNER),
        ("Mentor", Role.MENTOR),
    ):
        if name in names:
            return role
    if not names and any(_ADMINISTRATOR.fullmatch(role) for role in given):
        return Role.ADMINISTRATOR
    # Empty and unknown roles: the LMS lets them in, and a learner sees nobody else's work.
    return Role.LEARNER


def is_test_user(roles: Iterable[str]) -> bool:
    """Whether the platform marks this person as a trial one (Canvas's Student View)."""
    return any(TEST_USER.fullmatch(role) for role in roles)


def _membership_names(roles: Iterable[str]) -> set[str]:
    """The principal and sub-role names of all membership roles; a short name is a membership role."""
    names: set[str] = set()
    for role in roles:
        full = _MEMBERSHIP.fullmatch(role)
        if full:
            names.update(name for name in full.groups() if name)
        elif role.isalpha():
            names.add(role)
    return names
