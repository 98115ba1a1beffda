"""All tables of the house in one place, for migrations and tests: importing this module fills the metadata."""

from lti_tool.assessments import tables as assessments_tables
from lti_tool.core import audit
from lti_tool.core.db import metadata
from lti_tool.courses import tables as courses_tables
from lti_tool.credentials import tables as credentials_tables
from lti_tool.gradebook import tables as gradebook_tables
from lti_tool.lti import tables as lti_tables
from lti_tool.modules import tables as modules_tables
from lti_tool.people import tables as people_tables

ROOMS = (
    audit,
    people_tables,
    lti_tables,
    modules_tables,
    courses_tables,
    assessments_tables,
    gradebook_tables,
    credentials_tables,
)

__all__ = ["ROOMS", "metadata"]
