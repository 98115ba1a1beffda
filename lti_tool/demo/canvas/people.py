"""The people of the demo's Canvas: opaque ids, and roles of the course mixed with those of the whole school.

A list of roles is sorted and holds what somebody is anywhere in the school: a learner here who teaches elsewhere is
`institution/person#Instructor` too. Student View is a person of its own, a learner with the role TestUser.
"""

import hashlib
import uuid
from dataclasses import dataclass

from lti_tool.demo.people import PEOPLE as MOODLE_PEOPLE
from lti_tool.demo.people import Person, Role

_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
_PICTURE = "http://canvas.instructure.com/images/messages/avatar-50.png"
_STUDENT, _INSTRUCTOR, _ADMIN = (
    f"{_LIS}institution/person#{name}" for name in ("Student", "Instructor", "Administrator")
)

_MEMBERSHIP: dict[Role, tuple[str, ...]] = {
    Role.TEACHER: (f"{_LIS}membership#Instructor",),
    Role.ASSISTANT: (f"{_LIS}membership/Instructor#TeachingAssistant", f"{_LIS}membership#Instructor"),
    Role.LEARNER: (f"{_LIS}membership#Learner",),
    Role.DESIGNER: (f"{_LIS}membership#ContentDeveloper",),
    Role.OBSERVER: (f"{_LIS}membership#Mentor",),
    Role.STUDENT_VIEW: (f"{_LIS}membership#Learner", _TEST_USER),
    Role.ADMIN: (),
}
_IN_SCHOOL: dict[Role, tuple[str, ...]] = {
    Role.TEACHER: (_INSTRUCTOR,),
    Role.ASSISTANT: (_INSTRUCTOR,),
    Role.DESIGNER: (_INSTRUCTOR,),
    Role.LEARNER: (_STUDENT,),
    Role.STUDENT_VIEW: (_STUDENT, _TEST_USER),
    Role.OBSERVER: (),
    Role.ADMIN: (_ADMIN,),
}


@dataclass(frozen=True, slots=True)
class CanvasPerson(Person):
    """One account. `id` is Canvas's own number; tools know the person by `sub`. `elsewhere` is for other courses."""

    elsewhere: tuple[Role, ...] = ()
    lti_id: str = ""
    picture: str = _PICTURE
    mail: str | None = None

    @property
    def sub(self) -> str:
        return self.lti_id or str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.username}.aldermoor.example"))

    @property
    def legacy_id(self) -> str:
        """The user id of LTI 1.1: 40 hex digits, also the login hint."""
        return hashlib.sha1(self.sub.encode(), usedforsecurity=False).hexdigest()

    @property
    def email(self) -> str:
        """Empty for Student View, which has no address."""
        if self.role is Role.STUDENT_VIEW:
            return ""
        return self.mail if self.mail is not None else f"{self.username}@aldermoor.example"

    @property
    def launch_roles(self) -> tuple[str, ...]:
        school = [role for place in (self.role, *self.elsewhere) for role in _IN_SCHOOL[place]]
        return tuple(sorted({*_MEMBERSHIP[self.role], *school, f"{_LIS}system/person#User"}))

    @property
    def roster_roles(self) -> tuple[str, ...]:
        """Membership roles only, in the order of the enrolments."""
        return _MEMBERSHIP[self.role]

    @property
    def roster_role(self) -> str:
        return ", ".join(role.rpartition("#")[2] for role in self.roster_roles)

    @property
    def roster_name(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.display or f"{self.given} {self.family}".strip()

    @property
    def is_gradable(self) -> bool:
        return self.role in (Role.LEARNER, Role.STUDENT_VIEW)


def _moved(person: Person) -> CanvasPerson:
    """Somebody of the Moodle course, in Canvas; the teaching assistant studies elsewhere, one learner teaches there."""
    elsewhere = {"tom": (Role.LEARNER,), "lucja": (Role.TEACHER,)}.get(person.username, ())
    return CanvasPerson(
        person.id,
        person.username,
        person.given,
        person.family,
        person.role,
        person.lang,
        person.display,
        person.sourced_id,
        elsewhere,
    )


PEOPLE = (
    *(_moved(person) for person in MOODLE_PEOPLE),
    CanvasPerson("20", "dagny", "Dagny", "Aasen", Role.DESIGNER, "no"),
    CanvasPerson("21", "oskar", "Oskar", "Nguyễn", Role.OBSERVER),
    CanvasPerson("22", "teststudent", "Test", "Student", Role.STUDENT_VIEW),
)
