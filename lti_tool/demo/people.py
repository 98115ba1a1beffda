"""The people of the make-believe course, with the names that real ones bring: scripts, lengths, a single name.

Roles are as Moodle 4.5 sends them: `http://` vocabulary in a launch, short words in the roster, and a non-editing
teacher who is an Instructor in the one and a Learner in the other.
"""

from dataclasses import dataclass
from enum import StrEnum

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


class Role(StrEnum):
    """What somebody is in the course; the value is the word shown on pages."""

    TEACHER = "teacher"
    ASSISTANT = "non-editing teacher"
    LEARNER = "learner"
    ADMIN = "administrator, not enrolled"
    # These are for the Canvas flavour.
    DESIGNER = "designer"
    OBSERVER = "observer"
    STUDENT_VIEW = "Student View"


_IN_LAUNCH = {
    Role.TEACHER: (f"{_MEMBERSHIP}Instructor",),
    Role.ASSISTANT: (f"{_MEMBERSHIP}Instructor",),
    Role.LEARNER: (f"{_MEMBERSHIP}Learner",),
    Role.ADMIN: (
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
        f"{_MEMBERSHIP}Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
    ),
}
_IN_ROSTER = {Role.TEACHER: "Instructor", Role.ASSISTANT: "Learner", Role.LEARNER: "Learner"}


@dataclass(frozen=True, slots=True)
class Person:
    """One account. `id` is the number that becomes `sub`; `name` is how the LMS writes it, `lang` for its `<bdi>`."""

    id: str
    username: str
    given: str
    family: str
    role: Role
    lang: str = "en"
    display: str = ""
    sourced_id: str = ""

    @property
    def name(self) -> str:
        """The whole name as the LMS shows and launches it: the display name where the order is not given, family."""
        return self.display or self.roster_name

    @property
    def roster_name(self) -> str:
        """The name in the roster, where Moodle always puts the given name first."""
        return f"{self.given} {self.family}".strip()

    @property
    def email(self) -> str:
        return f"{self.username}@aldermoor.example"

    @property
    def launch_roles(self) -> tuple[str, ...]:
        return _IN_LAUNCH[self.role]

    @property
    def roster_role(self) -> str:
        """The short role in the roster; empty for somebody who is not in the course."""
        return _IN_ROSTER.get(self.role, "")

    @property
    def is_enrolled(self) -> bool:
        return self.role is not Role.ADMIN

    @property
    def is_gradable(self) -> bool:
        return self.role is Role.LEARNER

    @property
    def may_edit(self) -> bool:
        """Whether they may add activities."""
        return self.role in (Role.TEACHER, Role.ADMIN)


PEOPLE = (
    Person("3", "ingrid", "Ingrid", "Solheim", Role.TEACHER, "no"),
    Person("4", "tom", "Tom", "Ashworth", Role.ASSISTANT),
    Person("6", "tuyet", "Thị Ánh Tuyết", "Nguyễn", Role.LEARNER, "vi", "Nguyễn Thị Ánh Tuyết", "AU-0006"),
    Person("7", "lucja", "Łucja", "Żółkiewska-Ødegård", Role.LEARNER, "pl", sourced_id="AU-0007"),
    Person("8", "xiuying", "秀英", "王", Role.LEARNER, "zh", "王秀英", "AU-0008"),
    Person("9", "mohammed", "محمد", "الأحمد بن عبد الله", Role.LEARNER, "ar", sourced_id="AU-0009"),
    Person("10", "shrikrishna", "श्रीकृष्ण", "क्षेत्रपाल", Role.LEARNER, "hi", sourced_id="AU-0010"),
    Person("11", "suharto", "Suharto", "", Role.LEARNER, "id", sourced_id="AU-0011"),
    Person(
        "12",
        "hubert",
        "Hubert Blaine",
        "Wolfeschlegelsteinhausenbergerdorff-Oberunterhohenzollern von und zu Sigmaringen",
        Role.LEARNER,
        "de",
    ),
    Person("2", "admin", "Amara", "Okonkwo", Role.ADMIN),
)
