"""The demo's folder: it never takes one that is somebody else's, and never touches one in which a demo runs."""

from pathlib import Path

import pytest

from lti_tool.cli import demo_folder
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict
from lti_tool.core.settings import load
from tests.cli.conftest import Program
from tests.demo_process import demo, free_pair


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_a_folder_of_an_installation_is_left_alone(more: tuple[str, ...], program: Program, tmp_path: Path) -> None:
    (tmp_path / "lti-tool.toml").write_text('[server]\npublic_url = "https://learn.example"\n')
    (tmp_path / "master.key").write_text("precious")
    before = contents(tmp_path)
    answer = program("demo", "--data", ".", "--no-browser", "--port", free_pair(), *more)
    assert answer.returncode == 2
    assert "Nothing in it was changed." in answer.stderr and "(cli.not_a_demo_folder)" in answer.stderr
    assert contents(tmp_path) == before


def test_a_mark_makes_a_folder_the_demos_and_nothing_else_does(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "tool.db").write_text("precious")
    with pytest.raises(Conflict, match=r"cli\.not_a_demo_folder"):
        demo_folder.claim(foreign)
    assert contents(foreign) == {"tool.db": b"precious"}
    (tmp_path / "empty").mkdir()
    demo_folder.claim(tmp_path / "empty").release()
    (tmp_path / "empty" / "tool.db").write_text("the demo's")
    demo_folder.claim(tmp_path / "empty").release()


def test_a_folder_of_a_demo_of_before_there_were_marks_is_the_demos(tmp_path: Path) -> None:
    """`git pull` and `make demo` go on with what is there; a copy of the settings alone makes no folder a demo's."""
    demo_folder.write_settings(tmp_path, "http://tool.localhost:8001", 8001)
    (tmp_path / "tool.db").write_text("old")
    with pytest.raises(Conflict, match=r"cli\.not_a_demo_folder"):
        demo_folder.claim(tmp_path)
    (tmp_path / "lms.json").write_text("{}")
    demo_folder.claim(tmp_path).release()
    assert (tmp_path / demo_folder.MARK).is_file() and (tmp_path / "tool.db").read_text() == "old"


def test_forgetting_deletes_what_the_demo_wrote_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    lock = demo_folder.claim(folder)
    (folder / "canvas").mkdir()
    own = [
        "tool.db",
        "tool.db-wal",
        "tool.db-shm",
        "tool.db.before-0001-x",
        "master.key",
        "lms.json",
        "tools.json",
        "tool.log",
    ]
    kept = ["notes.txt", "tool.db.lock", "tools.db"]
    for name in (*own, *kept, "lti-tool.toml", "canvas/lms.json", "canvas/canvas.json", "canvas/mine.txt"):
        (folder / name).write_text("x")
    demo_folder.forget(folder)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert left == {*kept, "canvas/mine.txt", demo_folder.MARK}
    lock.release()


def test_a_folder_is_held_by_one_demo_at_a_time(tmp_path: Path) -> None:
    lock = demo_folder.claim(tmp_path / "demo")
    with pytest.raises(Conflict, match=r"cli\.demo_runs"):
        demo_folder.claim(tmp_path / "demo")
    lock.release()
    demo_folder.claim(tmp_path / "demo").release()


@pytest.mark.slow
def test_a_second_demo_is_refused_before_it_changes_anything(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as running:
        before = (folder / "lti-tool.toml").read_bytes(), (folder / "master.key").read_bytes()
        again = program("demo", "--data", folder, "--no-browser", "--fresh", "--port", free_pair())
        assert again.returncode == 2 and "It goes on undisturbed." in again.stderr
        # And another folder, but the same ports: this one's data stays too.
        other = tmp_path / "other"
        demo_folder.claim(other).release()
        (other / "lms.json").write_text("kept")
        taken = program("demo", "--data", other, "--no-browser", "--fresh", "--port", running.port - 1)
        assert taken.returncode == 2 and "already serves port" in taken.stderr
        assert (other / "lms.json").read_text() == "kept"
        assert ((folder / "lti-tool.toml").read_bytes(), (folder / "master.key").read_bytes()) == before
        assert (folder / "tool.db").exists() and running.process.poll() is None


@pytest.mark.parametrize("name", ['it\'s "here"', "back\\slash", "50%41 off", "what?x=1", "no#1", "café ü"])
def test_any_name_of_a_folder_will_do(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    loaded = load(demo_folder.write_settings(folder, "http://127.0.0.1:8001", 8001), {})
    assert loaded.security.master_key_file == folder / "master.key"
    assert loaded.log.file == folder / "tool.log"
    db = Database(loaded.database.url)
    with db.reading():
        pass
    db.dispose()
    assert (folder / "tool.db").exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]
