"""Guards of what platforms tell by themselves, of copied links, and of the dates that teachers set."""

from dataclasses import replace

from sqlalchemy import bindparam, not_, select

from lti_tool.courses.copies import ASIDE
from lti_tool.courses.offers import COLUMNS
from lti_tool.courses.tables import offers, placements
from lti_tool.lti.tables import deployments
from tests.controls.switch import Control, answers, becomes, controls_of

_N, _S = "tests/rooms/lti/test_notices.py::test_", "tests/rooms/lti/test_notice_service.py::test_"
_W, _H = "tests/workflows/test_notices.py::test_", "tests/web/test_notices.py::test_"
_JUDGED = f"{_N}a_notice_that_breaks_one_rule_is_refused_by_it"
_RULES: dict[str, tuple[str, ...]] = {
    **{
        name: (f"{_JUDGED}[{name}]",)
        for name in (
            *("algorithm", "condition", "key id", "issuer", "audience", "authorized party"),
            *("lifetime", "version"),
        )
    },
    "signature": (f"{_N}a_notice_that_somebody_else_signed_or_altered_is_refused",),
    "clock": (f"{_N}a_notice_out_of_its_time_is_refused",),
}


def _passes(name: str) -> object:
    return lambda table: tuple(replace(rule, check=lambda _case: None) if rule.name == name else rule for rule in table)


_any_organisation = (
    select(*COLUMNS)
    .distinct()
    .join(placements, placements.c.offer_id == offers.c.id)
    .where(not_(placements.c.lms_resource_link_id.startswith(ASIDE)))
)
_LTI = {
    "launching.notices_taken.take_once": (
        answers(True),
        f"{_N}a_notice_is_taken_once_and_its_nonce_serves_no_other",
        f"{_W}a_copy_is_kept_once_however_often_it_is_told",
        f"{_W}the_rest_of_a_batch_does_not_suffer",
    ),
    "launching.notices_taken._installation": (
        becomes(
            select(deployments.c.id).where(
                deployments.c.registration_id == bindparam("registration_id"),
                deployments.c.lms_deployment_id == bindparam("lms_deployment_id"),
            )
        ),
        f"{_W}an_installation_that_is_kept_out_says_nothing_either",
    ),
    "advantage.subscriptions.wait_after": (
        # At once, again and again.
        lambda guard: lambda fault, tries: guard(fault, tries) * 0,
        f"{_S}what_fails_is_tried_again_ever_less_often_and_never_given_up",
        f"{_S}a_scope_that_is_not_granted_is_asked_for_once_a_day_in_the_end",
    ),
    "registering.tool_metadata.scopes_for": (
        lambda guard: lambda platform: (*guard(platform), "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"),
        "tests/rooms/lti/test_tool_metadata.py::test_notices_are_asked_for_only_where_they_are_offered",
    ),
}
_WORKFLOWS = {
    "notices.MOST_NOTICES": (becomes(10_000), f"{_W}a_batch_is_neither_empty_nor_endless[51]"),
    "notices._require_one_platform": (answers(None), f"{_W}a_stranger_has_nobody_s_keys_fetched"),
    "dates._require_editing": (
        answers(None),
        "tests/workflows/test_dates.py::test_only_editing_teachers_set_them",
        "tests/web/test_dates.py::test_a_learner_and_an_assistant_find_no_form_and_a_designer_does",
    ),
}
_COURSES = {
    "copies._only": (
        lambda _guard: lambda found: found[0],
        f"{_W}where_several_links_have_one_name_a_teacher_is_asked",
    ),
    "copies._by_title": (
        becomes(
            _any_organisation.where(
                placements.c.lms_context_id == bindparam("context"), placements.c.title == bindparam("title")
            )
        ),
        f"{_W}another_installation_s_courses_are_no_ancestors",
    ),
    "dates._is_shown": (
        answers(True),
        "tests/rooms/courses/test_dates.py::test_a_time_that_the_clocks_leave_out_is_refused_with_the_reason",
    ),
}
_WEB = {"notices._MOST_BYTES": (becomes(10_000_000), f"{_H}a_batch_of_too_many_bytes_is_not_read")}

CONTROLS = {
    **controls_of("lti", _LTI),
    **controls_of("workflows", _WORKFLOWS),
    **controls_of("courses", _COURSES),
    **controls_of("web", _WEB),
    **{
        f"lti.notice rules.{name}": Control("lti_tool.lti.launching.notice.NOTICE_RULES", _passes(name), tests)  # type: ignore[arg-type]
        for name, tests in _RULES.items()
    },
}
