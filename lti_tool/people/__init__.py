"""Who: the organisations that award, and the people who come by launches.

A person is what a platform's `sub` says within one identity scope (the deployment, or the registration where an
operator has set it so). Two scopes are never joined by e-mail or name: LTI Core 1.3 §5.3.6 forbids it, and a
certificate would otherwise land with the wrong person.
"""

from lti_tool.people.identities import (
    EVERYWHERE,
    Person,
    Portrait,
    are_known,
    block,
    find_person,
    person_with_id,
    recognise,
    require_welcome,
    stand_in,
    unblock,
)
from lti_tool.people.organisations import Organisation, ensure_organisation, find_organisation, list_organisations
from lti_tool.people.sharing import names_shared

__all__ = [
    "EVERYWHERE",
    "Organisation",
    "Person",
    "Portrait",
    "are_known",
    "block",
    "ensure_organisation",
    "find_organisation",
    "find_person",
    "list_organisations",
    "names_shared",
    "person_with_id",
    "recognise",
    "require_welcome",
    "stand_in",
    "unblock",
]
