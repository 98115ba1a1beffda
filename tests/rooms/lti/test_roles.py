"""Which role counts, and what it may do (DESIGN, the table of roles)."""

import pytest

from lti_tool.lti.launching.roles import Role, is_test_user, role_of

LIS = "http://purl.imsglobal.org/vocab/lis/v2"
MEMBER = f"{LIS}/membership"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([f"{MEMBER}#Learner"], Role.LEARNER),
        ([f"{MEMBER}#Instructor"], Role.INSTRUCTOR),
        ([f"{MEMBER}#Mentor"], Role.MENTOR),
        ([f"{MEMBER}#ContentDeveloper"], Role.DESIGNER),
        ([f"{MEMBER}#Administrator"], Role.ADMINISTRATOR),
        ([f"{MEMBER}#Instructor".replace("http:", "https:")], Role.INSTRUCTOR),
        (["Instructor"], Role.INSTRUCTOR),
        (["Learner", "urn:lti:instrole:ims/lis/Administrator"], Role.LEARNER),
        ([f"{MEMBER}/Instructor#TeachingAssistant", f"{MEMBER}#Instructor"], Role.TEACHING_ASSISTANT),
        ([f"{MEMBER}#TeachingAssistant"], Role.TEACHING_ASSISTANT),
        ([f"{MEMBER}/Instructor#Grader"], Role.TEACHING_ASSISTANT),
        ([f"{MEMBER}/Instructor#PrimaryInstructor"], Role.INSTRUCTOR),
        ([f"{MEMBER}/Learner#GuestLearner"], Role.LEARNER),
        ([f"{MEMBER}#Learner", f"{MEMBER}#Instructor"], Role.INSTRUCTOR),
        ([f"{MEMBER}#Mentor", f"{MEMBER}#Learner"], Role.LEARNER),
        # A teacher of some other course, who learns in this one (Canvas sends both).
        ([f"{LIS}/institution/person#Instructor", f"{MEMBER}#Learner"], Role.LEARNER),
        ([f"{LIS}/institution/person#Instructor"], Role.LEARNER),
        ([f"{LIS}/institution/person#Administrator", f"{LIS}/system/person#User"], Role.ADMINISTRATOR),
        ([f"{LIS}/system/person#SysAdmin"], Role.ADMINISTRATOR),
        ([f"{LIS}/institution/person#Administrator", f"{MEMBER}#Learner"], Role.LEARNER),
        ([f"{LIS}/system/person#Administrator", f"{MEMBER}#Instructor"], Role.INSTRUCTOR),
        ([], Role.LEARNER),
        (["http://evil.example/membership#Instructor", f"{MEMBER}#Instructor/", "Instructor "], Role.LEARNER),
    ],
)
def test_the_role_that_counts(roles: list[str], role: Role) -> None:
    assert role_of(roles) is role
    assert role_of(reversed(roles)) is role


def test_what_each_role_may_do() -> None:
    assert {role for role in Role if role.is_assessed} == {Role.LEARNER}
    assert {role for role in Role if role.may_author} == {Role.INSTRUCTOR, Role.DESIGNER}
    assert {role for role in Role if role.sees_learners} == {
        Role.INSTRUCTOR,
        Role.TEACHING_ASSISTANT,
        Role.ADMINISTRATOR,
    }


def test_a_trial_person_is_told_by_the_system_role() -> None:
    assert is_test_user(["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"])
    assert not is_test_user([f"{MEMBER}#Learner", "http://evil.example/system/person#TestUser"])
