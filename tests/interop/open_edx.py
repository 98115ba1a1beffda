"""Open edX's own LTI platform, as a program of its own: it launches our tool and shares no line of code with us.

It runs in an environment of its own (`environment.py`), on the released `lti-consumer-xblock`, whose models, views and
`LtiAdvantageConsumer` do all of the LTI. What stands in here is what that package asks of the LMS around it: a course
with blocks, a gradebook, who may write. It keeps those questions in one module, `plugin/compat.py`.

    python open_edx.py --port 8000 --tool http://127.0.0.1:8001 --folder DIR

It prints one line of JSON when it is ready, what an administrator would copy into the tool, and ends with its input.
"""

import argparse
import json
import os
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

COURSE = "course-v1:Aldermoor+PRIV101+2026"
BLOCK = "block-v1:Aldermoor+PRIV101+2026+type@lti_consumer+block@"
NAME = "Open edX at Aldermoor"

# Django finds the addresses of this program here; `main` fills them in, as the views need its settings first.
urlpatterns: list[object] = []


@dataclass
class Course:
    """The LMS around the blocks: who is in the course, what authors wrote into the blocks, and the gradebook."""

    people: dict[str, str] = field(default_factory=dict)
    custom: dict[str, dict[str, str]] = field(default_factory=dict)
    grades: dict[str, dict[str, float]] = field(default_factory=dict)


class Block:
    """What the package reads of a course block, and how it hands over a grade (between 0 and 1)."""

    weight, display_name, has_score, accept_grades_past_due = 100, "Privacy at work", True, True

    def __init__(self, course: Course, location: object) -> None:
        self._course, self._location = course, str(location)
        self.scope_ids = SimpleNamespace(usage_id=location)

    def is_past_due(self) -> bool:
        return False

    def max_score(self) -> int:
        return self.weight

    def set_user_module_score(self, user: str, score: float, max_score: int, comment: str | None) -> None:
        name = self._location.removeprefix(BLOCK)
        self._course.grades.setdefault(name, {})[user] = score


class Server(ThreadingMixIn, WSGIServer):
    """The tool asks for our keys while we wait for its own."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def configure(port: int, folder: Path) -> None:
    """The least that Django and the package need."""
    import django
    from django.conf import settings

    home = f"http://localhost:{port}"
    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(),
        ALLOWED_HOSTS=["localhost"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "open_edx.db")}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "lti_consumer"],
        # The tables as the models describe them: nothing is migrated here.
        MIGRATION_MODULES={"contenttypes": None, "auth": None, "lti_consumer": None},
        MIDDLEWARE=["edx_django_utils.cache.middleware.RequestCacheMiddleware", f"{__name__}.everybody_is_known"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        USAGE_ID_PATTERN=r"(?P<usage_id>block-v1:[^/]+)",
        PLATFORM_NAME=NAME,
        LMS_ROOT_URL=home,
        LTI_API_BASE=home,
        OPENEDX_TELEMETRY=[],
        LOGGING={
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"errors": {"class": "logging.StreamHandler"}},
            "root": {"handlers": ["errors"], "level": "WARNING"},
        },
    )
    django.setup()


def everybody_is_known(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """In place of sessions: the views only write the user into their log."""
    from django.contrib.auth.models import AnonymousUser

    def answer(request: Any) -> Any:
        request.user = AnonymousUser()
        return get_response(request)

    return answer


def stand_in_for_the_lms(course: Course) -> None:
    """Answers what the package asks of the LMS around it."""
    from lti_consumer.plugin import compat

    compat.load_enough_xblock = compat.load_block_as_user = lambda location: Block(course, location)
    compat.get_user_from_external_user_id = lambda external_user_id: external_user_id
    compat.user_has_studio_write_access = lambda user, course_key: True
    # People by the number that the LMS gives them; the package itself makes the list, its pages and their order.
    compat.get_course_members = lambda course_key: {
        number: {"id": number, "roles": [role]} for number, role in enumerate(course.people.values())
    }
    compat.merge_course_forum_roles = lambda course_key, members: members
    compat.batch_get_or_create_externalids = lambda users: {
        number: SimpleNamespace(external_user_id=person) for number, person in enumerate(course.people)
    }


class Pages:
    """The course as its people meet it: an author's studio, the way into a block, what was recorded."""

    def __init__(self, course: Course, tool: str) -> None:
        from lti_consumer.models import Lti1p3Passport

        self._course, self._tool = course, tool
        self.passport = Lti1p3Passport.objects.create(
            name="Our tool", context_key=COURSE, lti_1p3_tool_keyset_url=f"{tool}/lti/jwks.json"
        )

    def urls(self) -> list[object]:
        from django.urls import include, path
        from django.views.decorators.csrf import csrf_exempt

        return [
            path("api/", include("lti_consumer.plugin.urls", namespace="lti_consumer")),
            path("studio/<slug:block>", csrf_exempt(self.studio)),
            path("courseware/<slug:block>/<str:message>", self.courseware),
            path("records/<slug:block>", self.records),
            path("people", csrf_exempt(self.people)),
        ]

    def people(self, request: Any) -> Any:
        """Who is in the course from now on: name → role."""
        from django.http import HttpResponse

        self._course.people = request.POST.dict()
        return HttpResponse(status=204)

    def studio(self, request: Any, block: str) -> Any:
        """An author adds a block with the tool in it, with the custom parameters of the form."""
        from django.http import HttpResponse
        from lti_consumer.models import LtiConfiguration

        launch = f"{self._tool}/lti/launch"
        self._course.custom[block] = request.POST.dict()
        LtiConfiguration.objects.create(
            version=LtiConfiguration.LTI_1P3,
            config_store=LtiConfiguration.CONFIG_ON_DB,
            location=BLOCK + block,
            lti_1p3_passport=self.passport,
            lti_1p3_oidc_url=f"{self._tool}/lti/login",
            lti_1p3_launch_url=launch,
            lti_advantage_deep_linking_enabled=True,
            lti_advantage_deep_linking_launch_url=launch,
            lti_advantage_enable_nrps=True,
        )
        return HttpResponse(status=204)

    def courseware(self, request: Any, block: str, message: str) -> Any:
        """Somebody opens the block (`launch`), or its deep linking dialogue (`choose`); as the block itself does it."""
        from django.http import HttpResponseRedirect
        from lti_consumer import api

        data = self._launch_data(block, request.GET["person"], request.GET["role"] or None)
        if message == "choose":
            return HttpResponseRedirect(api.get_lti_1p3_launch_start_url(data, deep_link_launch=True))
        return HttpResponseRedirect(api.get_lti_1p3_content_url(data))

    def _launch_data(self, block: str, person: str, role: str | None) -> Any:
        """What `LtiConsumerXBlock.get_lti_1p3_launch_data` fills in; no names, as Open edX shares none by default."""
        from lti_consumer.data import Lti1p3LaunchData

        return Lti1p3LaunchData(
            user_id=person,
            external_user_id=person,
            user_role=role,
            config_id=self._configuration(block).config_id,
            resource_link_id=BLOCK + block,
            launch_presentation_document_target="iframe",
            context_id=COURSE,
            context_type=["course_offering"],
            context_title="Privacy at work - Aldermoor",
            context_label=COURSE,
            custom_parameters=self._course.custom[block],
        )

    def _configuration(self, block: str) -> Any:
        from lti_consumer.models import LtiConfiguration

        return LtiConfiguration.objects.get(location=BLOCK + block)

    def records(self, request: Any, block: str) -> Any:
        """What the platform has written down about a block: chosen content, scores as sent, grades as counted."""
        from django.http import JsonResponse
        from lti_consumer.models import LtiAgsScore

        configuration = self._configuration(block)
        scores = LtiAgsScore.objects.filter(line_item__lti_configuration=configuration)
        fields = ("user_id", "score_given", "score_maximum", "activity_progress", "grading_progress")
        return JsonResponse(
            {
                "content": [item.attributes for item in configuration.ltidlcontentitem_set.all()],
                "scores": list(scores.values(*fields)),
                "grades": self._course.grades.get(block, {}),
            }
        )


def facts(pages: Pages, home: str) -> dict[str, str]:
    """What Open edX's studio shows for the administrator of the tool."""
    from lti_consumer import utils

    passport = pages.passport
    return {
        "issuer": home,
        "client_id": passport.lti_1p3_client_id,
        "auth_url": utils.get_lms_lti_launch_link(),
        "token_url": utils.get_lms_lti_access_token_link(passport.passport_id),
        "jwks_url": utils.get_lms_lti_keyset_link(passport.passport_id),
    }


def _end_with_the_input() -> None:
    """Whoever started this and was killed leaves nothing behind."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--port", type=int, required=True)
    wanted.add_argument("--tool", required=True)
    wanted.add_argument("--folder", type=Path, required=True)
    given = wanted.parse_args()
    configure(given.port, given.folder)

    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", run_syncdb=True, verbosity=0)
    course = Course()
    stand_in_for_the_lms(course)
    pages = Pages(course, given.tool)
    urlpatterns.extend(pages.urls())
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    with make_server("127.0.0.1", given.port, get_wsgi_application(), Server, Quiet) as server:
        sys.stdout.write(json.dumps(facts(pages, f"http://localhost:{given.port}")) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
