"""A holder's pages: the name to confirm, the certificate, its files."""

from flask import Blueprint, Response, jsonify, make_response, request

from lti_tool import credentials, workflows
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.web.looking import look, to
from lti_tool.web.pages import assessment, certificate, paths
from lti_tool.web.session import visiting
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

holder = Blueprint("holder", __name__, url_prefix="/learn/<launch>")


@holder.get("/certificate")
def show_certificate(launch: str) -> Response:
    """The certificate, or the name to confirm first."""
    study, wiring = look(), parts()
    if study.credential is not None:
        drawn = _is_drawn(study.credential)
        return page(
            "learner/certificate.html",
            certificate.certificate_page(study, study.credential, visiting(), drawn=drawn),
        )
    if study.completion is None:
        return to(paths.home(launch))
    return page("learner/name.html", certificate.name_page(study, visiting(), wiring.faces))


@holder.post("/certificate")
def confirm_name(launch: str) -> Response:
    """The holder confirms the printed name; the certificate is issued to it. A typed name is shown once before."""
    wiring, typed = parts(), request.form.get("name", "")[:500]
    study = look()
    try:
        if not study.person.shown_name and request.form.get("seen") != typed:
            name = credentials.printable_name(typed)
            return page(
                "learner/name.html", certificate.name_page(study, visiting(), wiring.faces, typed=name, seen=True)
            )
        with wiring.db.transaction() as tx:
            workflows.confirm_name(
                tx,
                visiting(),
                typed=typed,
                public_url=wiring.public_url,
                now=wiring.now(),
            )
    except Invalid as fault:
        errors = (assessment.FieldError("name", f"{fault.text} {fault.hint_text}".strip()),)
        shown = certificate.name_page(study, visiting(), wiring.faces, typed=typed, errors=errors)
        return make_response(page("learner/name.html", shown), 400)
    wiring.wake()
    return to(paths.certificate(launch))


@holder.get("/certificate/state")
def certificate_state(launch: str) -> Response:
    """How far the certificate has come, for a script that waits."""
    credential = _credential(look())
    state = certificate.state_of(credential, drawn=_is_drawn(credential))
    return jsonify(state=state, settled=state != "preparing")


@holder.get("/certificate.<kind>")
def certificate_file(launch: str, kind: str) -> Response:
    """The certificate as a file, for its holder."""
    credential = _credential(look())
    with parts().db.reading() as tx:
        file = credentials.file_of(tx, credential.id, kind)
    if kind == "json" and credential.signed is not None:
        body, media_type = credentials.credential_json(credential.signed), "application/vc+ld+json"
    elif file is not None:
        body, media_type = file.body, file.media_type
    else:
        raise NotFound("credentials.no_file", "That file is not there (yet).", "Try again in a minute.")
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{credential.number}.{kind}"'
    return answer


def _is_drawn(credential: credentials.Credential) -> bool:
    with parts().db.reading() as tx:
        return credentials.has_file(tx, credential.id, "pdf")


def _credential(study: workflows.Study) -> credentials.Credential:
    if study.credential is None:
        raise NotFound("credentials.none_yet", "There is no certificate yet.")
    return study.credential
