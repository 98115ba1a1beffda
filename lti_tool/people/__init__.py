"""Who: the organisations that award, and the people who come by launches.

A person is what a platform's `sub` says within one identity scope (the deployment, or the registration where an
operator has set it so). Two scopes are never joined by e-mail or name: LTI Core 1.3 §5.3.6 forbids it, and a
certificate would otherwise land with the wrong person.
"""

from lti_tool.people.identities import (
    Person,
    Portrait,
    block,
    find_person,
    person_with_id,
    recognise,
    require_welcome,
    unblock,
)
from lti_tool.people.organisations import Organisation, ensure_organisation, find_organisation, list_organisations

__all__ = [
    "Organisation",
    "Person",
    "Portrait",
    "block",
    "ensure_organisation",
    "find_organisation",
    "find_person",
    "list_organisations",
    "person_with_id",
    "recognise",
    "require_welcome",
    "unblock",
]
