"""A platform's token endpoint and grade column with Moodle 4.5's habits, driven by answers that a test lays ready."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.db import Database

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


@dataclass
class GradeBook:
    """What the platform does next, and what it was asked. Without an answer laid ready it accepts."""

    server: HTTPServer
    db: Database
    registration: lti.Registration
    answers: list[Response] = field(default_factory=list)
    token_answers: list[Response] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    tokens_given: list[str] = field(default_factory=list)
    assertions: list[dict[str, Any]] = field(default_factory=list)
    expires_in: object = 3600

    def __post_init__(self) -> None:
        self.server.expect_request("/mod/lti/token.php", method="POST").respond_with_handler(self._token)
        self.server.expect_request("/lineitem/scores", method="POST").respond_with_handler(self._score)
        self.server.expect_request("/lineitem/results", method="GET").respond_with_handler(self._results)

    @property
    def line_item(self) -> str:
        return self.server.url_for("/lineitem") + "?type_id=3"

    def _token(self, request: Request) -> Response:
        form = request.form
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        self.assertions.append(self._check(form["client_assertion"]))
        if self.token_answers:
            return self.token_answers.pop(0)
        token = f"token-{len(self.tokens_given)}"
        self.tokens_given.append(token)
        said = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in, "scope": form["scope"]}
        return Response(json.dumps(said), mimetype="text/html")

    def _check(self, assertion: str) -> dict[str, Any]:
        """Verifies the assertion with the key that the tool publishes; the test's clock stands in another year."""
        with self.db.reading() as tx:
            published = lti.public_jwks(tx)
        key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(assertion)["kid"]]
        never = {"verify_exp": False, "verify_iat": False}
        audience = self.registration.token_audience
        said: dict[str, Any] = jwt.decode(assertion, key, algorithms=["RS256"], audience=audience, options=never)
        return said

    def _score(self, request: Request) -> Response:
        self.requests.append(request)
        self.scores.append(json.loads(request.data))
        assert request.headers["Content-Type"] == SCORE_TYPE
        assert parse_qs(request.query_string.decode()) == {"type_id": ["3"]}
        if self.answers:
            return self.answers.pop(0)
        return Response("", mimetype=SCORE_TYPE)

    def _results(self, request: Request) -> Response:
        self.requests.append(request)
        if request.headers.get("Accept") != RESULTS_TYPE:
            return Response("[]", status=400)
        wanted = request.args.get("user_id")
        found = [result for result in self.results if wanted is None or result.get("userId") == wanted]
        return Response(json.dumps(found), mimetype=RESULTS_TYPE)
