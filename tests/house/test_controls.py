"""The negative controls: each names a guard and tests that exist, and the switch works; `make controls` runs them."""

import ast
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from tests import controls
from tests.controls import CONTROLS, Control
from tests.run_controls import judge, outcomes

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_names_a_guard_and_tests_that_exist(name: str) -> None:
    control = CONTROLS[name]
    controls.find(control.target)
    assert control.tests
    for test in control.tests:
        path, *inside = test.partition("[")[0].split("::")
        names = {
            node.name
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if hasattr(node, "name")
        }
        assert set(inside) <= names, test


def test_a_guard_is_switched_off_wherever_it_is_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, caller = ModuleType("planted.keeper"), ModuleType("planted.caller")
    exec("class Door:\n    def check(self): return 'shut'\ndef refuse(): return 'refused'\n", vars(keeper))
    vars(caller)["refuse_it"] = vars(keeper)["refuse"]
    for module in (ModuleType("planted"), keeper, caller):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    controls.switch_off(Control("planted.keeper.refuse", controls.answers("let in"), ()))
    controls.switch_off(Control("planted.keeper.Door.check", controls.answers("open"), ()))
    assert vars(caller)["refuse_it"]() == "let in"
    assert vars(keeper)["Door"]().check() == "open"


def test_a_guard_that_is_not_there_cannot_be_switched_off() -> None:
    with pytest.raises(LookupError, match=r"lti_tool\.core\.ids\.no_such"):
        controls.switch_off(Control("lti_tool.core.ids.no_such", controls.answers(None), ()))


def test_only_failing_tests_speak_for_a_control() -> None:
    control = Control("x", controls.answers(None), ("t.py::test_a", "t.py::test_b"))
    assert judge(control, {"t.py::test_a[1]": "FAILED", "t.py::test_a[2]": "FAILED", "t.py::test_b": "FAILED"}) == []
    assert judge(control, {"t.py::test_a[1]": "FAILED", "t.py::test_a[2]": "PASSED", "t.py::test_b": "SKIPPED"}) == [
        "t.py::test_a[2]: passed without the guard",
        "t.py::test_b: skipped without the guard",
    ]
    assert judge(control, {"t.py::test_a": "FAILED"}) == ["t.py::test_b: was not run (no such test)"]


@pytest.mark.slow
def test_a_guard_that_is_gone_makes_its_test_fail(tmp_path: Path) -> None:
    """The whole way, on a planted project: a process of its own with the guard switched off."""
    (tmp_path / "guarded.py").write_text("def allowed(number): return number > 0\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        textwrap.dedent(f"""\
            import os, sys
            sys.path[:0] = [{str(ROOT)!r}, {str(tmp_path)!r}]
            from tests import controls
            controls.CONTROLS = {{"numbers": controls.Control("guarded.allowed", controls.answers(True), ())}}
            def pytest_configure():
                controls.switch_off_asked()
            """),
        encoding="utf-8",
    )
    (tmp_path / "test_guarded.py").write_text(
        "from guarded import allowed\ndef test_no(): assert not allowed(-1)\ndef test_yes(): assert allowed(1)\n",
        encoding="utf-8",
    )
    tests = ("test_guarded.py::test_no", "test_guarded.py::test_yes")
    assert outcomes(tests, root=tmp_path) == dict.fromkeys(tests, "PASSED")
    assert outcomes(tests, "numbers", tmp_path) == {tests[0]: "FAILED", tests[1]: "PASSED"}
