"""The form for an activity's dates, with a few places of the world."""

from lti_tool.web.pages.dates import DatesForm, DatesPage, ZoneGroup

DATES = DatesPage(
    module_title="Data protection essentials",
    form=DatesForm("", "", "UTC"),
    errors=(),
    by_lms=(),
    conflicts=(),
    groups=(
        ZoneGroup("", (("UTC", "UTC"),)),
        ZoneGroup("America", (("America/Argentina/Buenos_Aires", "Argentina/Buenos Aires"),)),
        ZoneGroup("Europe", (("Europe/Oslo", "Oslo"),)),
    ),
    post_url="/teach/k7q4m2kxp9tbd3hw5rz8cfv6na/dates",
    back_url="/teach/k7q4m2kxp9tbd3hw5rz8cfv6na/",
    sees_learners=True,
    saved=False,
    guesses=True,
    may_clear=False,
)
