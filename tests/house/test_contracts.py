"""Who may import whom, as pyproject.toml says it: each contract is broken by a planted import, and by nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    *("cli", "migrations", "web", "workflows", "credentials", "gradebook", "courses"),
    *("people", "modules", "assessments", "lti", "core", "demo"),
)
FOUR = (
    "A room imports only rooms below it",
    "Only the commands start the demo",
    "Only web and demo know Flask",
    "Only lti knows PyLTI1p3",
)
INNOCENT = {
    "web/app.py": "import flask\nimport lti_tool.workflows\n",
    "demo/lms.py": "import flask\nimport werkzeug\n",
    "lti/exchange.py": "import pylti1p3\nimport lti_tool.core\n",
    "cli/demo.py": "import lti_tool.demo\nimport lti_tool.migrations\n",
    "web/session.py": "import flask_login\nimport jinja2\n",
}
GUILTY = [
    ("A room imports only rooms below it", {"core/db.py": "import lti_tool.people\n"}),
    ("A room imports only rooms below it", {"people/names.py": "import lti_tool.modules\n"}),
    ("A room imports only rooms below it", {"lti/names.py": "import lti_tool.assessments\n"}),
    ("A room imports only rooms below it", {"demo/names.py": "import lti_tool.core\n"}),
    ("A room imports only rooms below it", {"attic/__init__.py": ""}),
    ("Only the commands start the demo", {"web/demo.py": "import lti_tool.demo\n"}),
    ("Only web and demo know Flask", {"workflows/study.py": "from flask import request\n"}),
    ("Only web and demo know Flask", {"people/names.py": "import werkzeug.security\n"}),
    ("Only lti knows PyLTI1p3", {"web/launch.py": "from pylti1p3.tool_config import ToolConfDict\n"}),
]


def broken(root: Path, files: dict[str, str]) -> set[str]:
    """The names of the contracts that a tiny house with these files breaks."""
    package = root / "lti_tool"
    start = {f"{room}/__init__.py": "" for room in ROOMS} | {"__init__.py": "", "wsgi.py": ""}
    for name, text in {**start, **INNOCENT, **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {command}"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    answer = done.stdout + done.stderr
    if done.returncode != 0 and "not listed" in answer.lower():
        return {FOUR[0]}
    verdicts = {name: verdict for name in FOUR for verdict in ("KEPT", "BROKEN") if f"{name} {verdict}" in answer}
    assert set(verdicts) == set(FOUR), answer
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_an_innocent_house_breaks_no_contract(tmp_path: Path) -> None:
    assert broken(tmp_path, {}) == set()


@pytest.mark.parametrize(("contract", "files"), GUILTY, ids=[next(iter(files)) for _, files in GUILTY])
def test_a_planted_import_breaks_its_contract(contract: str, files: dict[str, str], tmp_path: Path) -> None:
    assert contract in broken(tmp_path, files)
