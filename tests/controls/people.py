"""Guards of `people`."""

from tests.controls.switch import becomes, controls_of, echoes

_I = "tests/workflows/test_identity.py::test_"

_GUARDS = {
    "identities.stand_in": (
        echoes(),
        f"{_I}whoever_acts_as_a_learner_changes_nothing_of_theirs",
        f"{_I}each_of_the_staff_and_each_learner_make_a_person_of_their_own",
        "tests/rooms/lti/test_launch_says.py::test_no_platform_can_send_the_id_of_a_stand_in",
    ),
    "identities.Person.is_stand_in": (becomes(False), f"{_I}whoever_acts_as_a_learner_is_not_among_the_learners"),
}

CONTROLS = controls_of("people", _GUARDS)
