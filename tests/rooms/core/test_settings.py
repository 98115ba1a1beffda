"""Settings: file, environment, and every fault at once."""

from pathlib import Path

import pytest

from lti_tool.core.settings import Settings, SettingsError, load


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lti-tool.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path | None, environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path, environment)
    return caught.value.faults


def test_without_a_file_there_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[server]\npublic_url = "https://a.example"\nport = 9000\n')
    loaded = load(path, {"LTI_TOOL_SERVER__PORT": "9001", "LTI_TOOL_HTTP__ALLOW_NETWORKS": "10.0.0.0/8, 127.0.0.0/8"})
    assert (loaded.server.public_url, loaded.server.port) == ("https://a.example", 9001)
    assert loaded.http.allow_networks == ("10.0.0.0/8", "127.0.0.0/8")


def test_all_faults_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, '[server]\nprot = 1\nport = 99999\npublic_url = "http://learn.example"\n[sevrer]\nx = 1\n')
    said = "\n".join(faults(path, {"LTI_TOOL_LOG__LEVEL": "loud", "LTI_TOOL_NONSENSE": "1"}))
    assert f"{path}: server.prot: unknown setting" in said
    assert f"{path}: server.port: " in said
    assert f"{path}: server.public_url: must begin with https://" in said
    assert f"{path}: sevrer: unknown setting" in said
    assert "LTI_TOOL_LOG__LEVEL: log.level: " in said
    assert "LTI_TOOL_NONSENSE: unknown" in said


@pytest.mark.parametrize(
    "url", ["learn.example", "https://learn.example/tool", "https://learn.example/?a=b", "http://learn.example"]
)
def test_a_public_address_that_would_not_work_is_refused(url: str) -> None:
    assert faults(None, {"LTI_TOOL_SERVER__PUBLIC_URL": url})


@pytest.mark.parametrize("url", ["https://learn.example/", "http://tool.localhost:8001", "http://127.0.0.1:8001"])
def test_a_public_address_that_works_is_taken(url: str) -> None:
    assert load(None, {"LTI_TOOL_SERVER__PUBLIC_URL": url}).server.public_url == url.rstrip("/")


def test_a_file_that_is_not_there_or_no_toml_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "gone.toml"
    assert faults(missing, {}) == [f"{missing}: there is no such file"]
    assert faults(None, {"LTI_TOOL_CONFIG": str(missing)}) == [f"{missing}: there is no such file"]
    assert "cannot be read as TOML" in faults(write(tmp_path, "[server\n"), {})[0]


def test_the_master_key_is_not_shown() -> None:
    loaded = load(None, {"LTI_TOOL_SECURITY__MASTER_KEY": "c2VjcmV0"})
    assert "c2VjcmV0" not in repr(loaded)
