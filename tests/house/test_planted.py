"""Each house rule notices a planted violation, and lets the innocent neighbour pass."""

import textwrap
from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined

from tests.house import facts, pages, reading, rules

Tree = dict[str, str]


def plant(root: Path, files: Tree) -> Path:
    """A tiny project with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


# rule, innocent tree, guilty tree, what the violation must say
PLANTED: list[tuple[rules.Rule, Tree, Tree, str]] = [
    (
        rules.one_commit,
        {"lti_tool/core/db.py": "def end(connection):\n    connection.commit()\n"},
        {"lti_tool/people/names.py": "def rename(tx):\n    tx.commit()\n"},
        "lti_tool/people/names.py:2: .commit outside core/db.py",
    ),
    (
        rules.one_commit,
        {"lti_tool/web/learner.py": "workflows.begin(tx)\nwith db.transaction(): pass\n"},
        {"lti_tool/web/learner.py": "with parts().db.engine.begin() as tx: pass\n"},
        ".begin outside core/db.py",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/core/clock.py": "from datetime import datetime\ndef now():\n    return datetime.now()\n"},
        {"lti_tool/lti/launch.py": "from datetime import UTC, datetime\nlate = datetime.now(UTC)\n"},
        "the clock by datetime.datetime.now",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/lti/launch.py": "import time\ntime.sleep(1)\nstamp = {}\nstamp.time = 1\n"},
        {"lti_tool/lti/launch.py": "import time as t\nlate = t.monotonic()\n"},
        "the clock by time.monotonic",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/gradebook/rows.py": "from sqlalchemy import func\nhow_many = func.count()\n"},
        {"lti_tool/gradebook/rows.py": "from sqlalchemy import func\nlate = func.now()\n"},
        "the clock by sqlalchemy.func.now",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/core/ids.py": "import secrets\n", "lti_tool/demo/lms.py": "import secrets, time\ntime.time()\n"},
        {"lti_tool/assessments/draw.py": "def draw():\n    from random import shuffle\n    shuffle([])\n"},
        "chance by random.shuffle",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/web/files.py": "import os\nos.getpid()\n"},
        {"lti_tool/web/files.py": "import os\nos.urandom(8)\n"},
        "chance by os.urandom",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/core/http.py": "import requests\n"},
        {"lti_tool/lti/keys.py": "import requests\n"},
        "outgoing HTTP by requests",
    ),
    (
        rules.time_chance_and_http,
        {"lti_tool/lti/keys.py": "import jwt\njwt.decode('')\n"},
        {"lti_tool/lti/keys.py": "import jwt\njwt.PyJWKClient('')\n"},
        "outgoing HTTP by jwt.PyJWKClient",
    ),
    (
        rules.own_tables_only,
        {"lti_tool/people/names.py": "from lti_tool.people.tables import people\n"},
        {"lti_tool/courses/rosters.py": "from lti_tool.people.tables import people\n"},
        "lti_tool/courses/rosters.py:1: the tables of people",
    ),
    (
        rules.own_tables_only,
        {"lti_tool/workflows/schema.py": "from lti_tool.people import tables\n"},
        {"lti_tool/workflows/enter.py": "from ..people import tables\n"},
        "the tables of people",
    ),
    (
        rules.one_front_door,
        {
            "lti_tool/people/__init__.py": "__all__ = ['find']\n",
            "lti_tool/courses/rosters.py": "from lti_tool.people import find\nfrom lti_tool.core.db import Tx\n",
        },
        {"lti_tool/courses/rosters.py": "from lti_tool.people.names import find\n"},
        "lti_tool.people.names.find is inside people",
    ),
    (
        rules.one_front_door,
        {"lti_tool/people/names.py": "from lti_tool.people.tables import people\n"},
        {
            "lti_tool/people/__init__.py": "from lti_tool.people.names import spare\n__all__ = ['find']\n",
            "lti_tool/courses/rosters.py": "from lti_tool.people import spare\n",
        },
        "people does not offer spare",
    ),
    (
        rules.fits_a_screen,
        {"lti_tool/lti/launch.py": 'def fits():\n    """One\n' + "    line\n" * 30 + '    """\n' + "    x = 1\n" * 38},
        {"lti_tool/lti/launch.py": "def long():\n" + "    x = 1\n" * 40},
        "long has 41 lines",
    ),
    (
        rules.fits_a_screen,
        {"lti_tool/lti/launch.py": "x = 1\n" * 300},
        {"lti_tool/lti/launch.py": "x = 1\n" * 301},
        "301 lines",
    ),
    (
        rules.said_at_the_top,
        {"lti_tool/lti/launch.py": '"""What a launch says."""\n'},
        {"lti_tool/lti/launch.py": "x = 1\n"},
        "no docstring",
    ),
    (
        rules.said_at_the_top,
        {"lti_tool/lti/roles.py": '"""Roles."""\n'},
        {"lti_tool/lti/utils.py": '"""Things."""\n'},
        "says nothing",
    ),
    (
        rules.carries_nothing_foreign,
        {"docs/how.md": "Look at /learn/work/1 and https://example.org/home/page\n"},
        {"docs/how.md": "Look at /ro" + "ot/project/file\n"},
        "docs/how.md:1: a path of one machine",
    ),
    (
        rules.carries_nothing_foreign,
        {"requirements/run.txt": "flask==3.1.3 --hash=sha256:00\n"},
        {"requirements/run.txt": "# from https://pyp" + "i.org/simple\n"},
        "a registry's host",
    ),
    (
        rules.carries_nothing_foreign,
        {"tests/keys.py": "MARK = '-----BEGIN PUBLIC KEY-----'\n"},
        {"tests/keys.pem": "-----BEGIN RSA PRIV" + "ATE KEY-----\nMIIEowIBAAKCAQEAabcdefgh\n"},
        "tests/keys.pem: a private key",
    ),
    (
        rules.locked_with_hashes,
        {"requirements/run.txt": "# a note\nflask==3.1.3 \\\n    --hash=sha256:00\n    # via lti-tool\n"},
        {"requirements/run.txt": "flask==3.1.3\n"},
        "no hash",
    ),
    (
        rules.locked_with_hashes,
        {"requirements/run.txt": "cffi==2.1 ; python_version >= '3.11' --hash=sha256:00\n"},
        {"requirements/run.txt": "--index-url https://mirror.example/simple\n"},
        "names a place to fetch from",
    ),
    (
        rules.locked_with_hashes,
        {"package-lock.json": '{"version": "1"}'},
        {"package-lock.json": '{"resolved": "https://mirror.example/axe.tgz"}'},
        "names a place to fetch from",
    ),
    (
        reading.get_writes_nothing,
        {
            "lti_tool/web/learner.py": """
            from lti_tool.web.saving import save
            @learner.get("/learn")
            def read():
                with parts().db.reading() as tx: show(tx)
            @learner.post("/learn")
            def write():
                save()
            """,
            "lti_tool/web/saving.py": "def save():\n    with parts().db.transaction() as tx: pass\n",
        },
        {
            "lti_tool/web/learner.py": """
            from lti_tool.web import saving
            @learner.route("/learn", methods=["GET", "POST"])
            def read():
                return shown()
            def shown():
                saving.save()
            """,
        },
        "GET /learn writes in web.saving.save",
    ),
    (
        facts.codes_of_other_rooms,
        {
            "lti_tool/lti/launch.py": "raise NotFound('lti.no_launch', 'There is none.')\nlog.info('people.seen')\n",
            "lti_tool/people/names.py": "",
        },
        {"lti_tool/lti/launch.py": "raise NotFound('people.no_person', 'There is none.')\n"},
        "people.no_person is raised in lti",
    ),
    (
        pages.static_files_there,
        {"templates/a.html": "{{ static('app.css') }}\n", "lti_tool/web/static/app.css": "p {}\n"},
        {"templates/a.html": "{{ static('gone.css') }}\n"},
        "templates/a.html: there is no static file gone.css",
    ),
    (
        pages.no_inline,
        {"templates/learner/page.html": '<script nonce="{{ csp_nonce() }}" src="/static/a.js"></script>\n'},
        {"templates/learner/page.html": '<p style="color: red" onclick="go()">\n'},
        "inline style or script",
    ),
    (
        pages.no_inline,
        {"templates/learner/page.html": '<link rel="stylesheet" href="/static/style.css">\n'},
        {"templates/learner/page.html": "<script>go()</script>\n"},
        "a script without a nonce",
    ),
    (
        pages.messages_to_somebody,
        {"lti_tool/web/static/a.js": 'if (to === "*" ? a : b) ask(host, "*", { subject: `${prefix}capabilities` });\n'},
        {"lti_tool/web/static/b.js": "// Told.\ntarget.postMessage({ key, value }, '*');\n"},
        "lti_tool/web/static/b.js:2: a message to anybody",
    ),
]


@pytest.mark.parametrize(
    ("rule", "innocent", "guilty", "said"),
    PLANTED,
    ids=[f"{case[0].__name__}-{number}" for number, case in enumerate(PLANTED)],
)
def test_a_planted_violation_is_noticed(
    rule: rules.Rule, innocent: Tree, guilty: Tree, said: str, tmp_path: Path
) -> None:
    assert rule(plant(tmp_path, innocent)) == []
    found = rule(plant(tmp_path / "guilty", {**innocent, **guilty}))
    assert len(found) >= 1
    assert said in "\n".join(found)


def test_every_rule_has_a_planted_violation() -> None:
    assert set(rules.RULES) <= {case[0] for case in PLANTED}


def test_an_excuse_that_is_no_longer_needed_is_noticed(tmp_path: Path) -> None:
    plant(tmp_path, {"lti_tool/lti/launch.py": "x = 1\n"})
    assert rules.fits_a_screen(tmp_path, {"lti_tool.lti.launch": "why"}) == [
        "lti_tool.lti.launch: need not be excused any more"
    ]


def test_a_broken_an_unused_and_a_missing_template_are_noticed(tmp_path: Path) -> None:
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    plant(
        tmp_path,
        {
            "lti_tool/web/learner.py": "page('learner/page.html')\npage('learner/gone.html')\n",
            "templates/learner/page.html": "{% extends 'layouts/base.html' %}\n",
            "templates/layouts/base.html": "<p>{{ page.title }}\n",
            "templates/learner/spare.html": "<p>\n",
        },
    )
    assert pages.compile_all(tmp_path, environment) == []
    assert pages.all_used(tmp_path, environment) == [
        "templates/learner/spare.html: nothing uses it",
        "lti_tool/web/learner.py:2: there is no template learner/gone.html",
    ]
    plant(tmp_path, {"templates/learner/spare.html": "\n{{ page.title | shout }}\n{% if %}\n"})
    assert "templates/learner/spare.html:" in pages.compile_all(tmp_path, environment)[0]


def test_the_words_of_an_error_code_are_found_wherever_the_house_keeps_them(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "lti_tool/core/errors.py": "class ToolError(Exception): pass\nclass Invalid(ToolError): pass\n",
            "lti_tool/lti/refusals.py": """
            class LtiRefused(Invalid): pass
            _AGAIN = "Go back."
            _CAUSES = {"lti.nonce": ("It belongs to another launch.", _AGAIN + " Now.")}
            def refused(code): return LtiRefused(code, *_CAUSES[code])
            """,
            "lti_tool/lti/launch.py": "raise refused('lti.nonce')\n",
            "lti_tool/people/names.py": """
            def _foreign(code): return Invalid(code, "Not ours.", "Ask.")
            raise _foreign("people.foreign")
            raise Conflict(code="people.twice", detail="Twice.")
            """,
        },
    )
    assert [(f.code, f.kind, f.detail, f.hint) for f in facts.faults(tmp_path)] == [
        ("lti.nonce", "Invalid", "It belongs to another launch.", "Go back. Now."),
        ("people.foreign", "Invalid", "Not ours.", "Ask."),
        ("people.twice", "Conflict", "Twice.", ""),
    ]
