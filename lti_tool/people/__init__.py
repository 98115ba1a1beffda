"""Who: the organisations that award, the people who come by launches, and the operators who run this tool.

A person is what a platform's `sub` says within one identity scope (the deployment, or the registration where an
operator has set it so). Two scopes are never joined by e-mail or name: LTI Core 1.3 §5.3.6 forbids it, and a
certificate would otherwise land with the wrong person.
"""

from lti_tool.people.codes import provisioning_uri, step_of
from lti_tool.people.identities import (
    EVERYWHERE,
    Person,
    Portrait,
    are_known,
    block,
    find_by_lms_id,
    find_person,
    person_with_id,
    recognise,
    require_welcome,
    stand_in,
    unblock,
)
from lti_tool.people.operators import (
    Operator,
    Proof,
    Setup,
    add_operator,
    close_operator,
    find_setup,
    finish_setup,
    list_operators,
    operator_called,
    proof_of,
    reset_operator,
    spend_code,
)
from lti_tool.people.organisations import Organisation, ensure_organisation, find_organisation, list_organisations
from lti_tool.people.passwords import is_password, plain_password
from lti_tool.people.search import Found, people_called, person_of
from lti_tool.people.sharing import names_shared
from lti_tool.people.sign_ins import (
    SignedIn,
    count_try,
    end_sign_in,
    forgive_tries,
    needs_touch,
    open_sign_in,
    read_sign_in,
    touch_sign_in,
)

__all__ = [
    "EVERYWHERE",
    "Found",
    "Operator",
    "Organisation",
    "Person",
    "Portrait",
    "Proof",
    "Setup",
    "SignedIn",
    "add_operator",
    "are_known",
    "block",
    "close_operator",
    "count_try",
    "end_sign_in",
    "ensure_organisation",
    "find_by_lms_id",
    "find_organisation",
    "find_person",
    "find_setup",
    "finish_setup",
    "forgive_tries",
    "is_password",
    "list_operators",
    "list_organisations",
    "names_shared",
    "needs_touch",
    "open_sign_in",
    "operator_called",
    "people_called",
    "person_of",
    "person_with_id",
    "plain_password",
    "proof_of",
    "provisioning_uri",
    "read_sign_in",
    "recognise",
    "require_welcome",
    "reset_operator",
    "spend_code",
    "stand_in",
    "step_of",
    "touch_sign_in",
    "unblock",
]
