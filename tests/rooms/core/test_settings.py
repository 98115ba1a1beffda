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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://u:geheim@h/x", "must begin with postgresql+psycopg:// instead of postgres://"),
        ("mysql://u:geheim@h/x", "there is no other database that it can use"),
        ("postgresql+psycopg2://u:geheim@h/x", "there is no other database that it can use"),
        ("postgresql+psycopg://u:geheim@h", "must name the database"),
        ("postgresql+psycopg://u:geheim@h:port/x", "must be sqlite:///FOLDER/FILE or postgresql+psycopg://"),
        ("rubbish", "must be sqlite:///FOLDER/FILE or postgresql+psycopg://"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_database_that_cannot_be_is_refused_without_its_password(url: str, said: str) -> None:
    (fault,) = faults(None, {"LTI_TOOL_DATABASE__URL": url})
    assert said in fault and "geheim" not in fault


@pytest.mark.parametrize("url", ["sqlite:///a/b.db", "sqlite:////a/b.db", "postgresql+psycopg://u:p@h:5433/x"])
def test_a_database_that_can_be_is_taken(url: str) -> None:
    assert load(None, {"LTI_TOOL_DATABASE__URL": url}).database.url == url


def test_what_is_wrong_is_said_in_plain_words(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'log = 3\n[server]\nport = 0\nthreads = 99\nworkers = "x"\npublic_url = 3\n[http]\nallow_networks = 3\n',
    )
    environment = {"LTI_TOOL_ORGANISATION__COUNTRY": "Norway", "LTI_TOOL_CERTIFICATES__FONTS_DIR": "fonts"}
    assert faults(path, environment) == [
        f"{path}: server.public_url: must be a text in quotes",
        f"{path}: server.port: must be 1 or more",
        f"{path}: server.workers: must be a whole number",
        f"{path}: server.threads: must be 64 or less",
        f'{path}: http.allow_networks: must be a list in brackets, such as ["10.0.0.0/8"]',
        "LTI_TOOL_ORGANISATION__COUNTRY: organisation.country: must be two capital letters, such as NO",
        f"{path}: log: must be a section, written in brackets on a line of its own",
    ]


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("10.0.0.0/99", "“10.0.0.0/99” is no network; write one such as 10.0.0.0/8"),
        ("10.0.0.1/8", "“10.0.0.1/8” is an address inside a network; write 10.0.0.0/8 for the whole network"),
    ],
)
def test_a_network_that_is_none_is_told_with_what_to_write(network: str, said: str) -> None:
    variable = "LTI_TOOL_HTTP__ALLOW_NETWORKS"
    assert faults(None, {variable: network}) == [f"{variable}: http.allow_networks: {said}"]


def test_a_level_that_is_none_is_told_with_those_there_are() -> None:
    (fault,) = faults(None, {"LTI_TOOL_LOG__LEVEL": "loud"})
    assert fault == "LTI_TOOL_LOG__LEVEL: log.level: must be 'debug', 'info', 'warning' or 'error'"
