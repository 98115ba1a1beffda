"""One learner's newest result, as the staff of a course looks at it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import lti, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.result import ItemResult, item_results


@dataclass(frozen=True)
class SubmissionPage:
    """A handed-in attempt; `number` is 0 where nothing was handed in yet."""

    name: str
    number: int
    percent: Fraction | None
    passed: bool
    pass_percent: Fraction | None
    submitted_at: datetime | None
    items: tuple[ItemResult, ...]
    overview_url: str


def submission_page(found: workflows.Submission, session: lti.Session) -> SubmissionPage:
    """The newest handed-in attempt with every answer, whatever learners themselves may see of it."""
    sitting, overview = found.sitting, paths.dashboard(session.public_id)
    if sitting is None:
        return SubmissionPage(found.person.shown_name, 0, None, False, None, None, (), overview)
    attempt = sitting.attempt
    return SubmissionPage(
        name=found.person.shown_name,
        number=attempt.number,
        percent=attempt.percent,
        passed=bool(attempt.passed),
        pass_percent=sitting.version.definition.form.pass_percent,
        submitted_at=attempt.submitted_at,
        items=item_results(sitting),
        overview_url=overview,
    )
