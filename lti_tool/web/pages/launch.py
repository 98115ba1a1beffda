"""What the pages between the LMS and the tool show: each is a form that goes on by itself, and works by hand too."""

from dataclasses import dataclass

from lti_tool import lti


@dataclass(frozen=True)
class LaunchCheckPage:
    """The login on its way to the next step; on the way the page tries what this browser can keep.

    `secret` is what is to be kept, where `keeping` says. A browser that keeps the cookie needs neither: the cookie has
    a secret of its own, which no script ever sees.
    """

    action: str
    fields: dict[str, str]
    secret: str
    keeping: lti.Keeping


@dataclass(frozen=True)
class NewTabPage:
    """A form that carries the login into a new tab, and why; `test_url` shows what this browser keeps."""

    action: str
    fields: dict[str, str]
    platform_name: str
    test_url: str


@dataclass(frozen=True)
class ProofPage:
    """A page that fetches the secret from where it is kept, and then goes on with it in its memory.

    With `fields` it posts a launch to `action`; without, it asks for `action` once more, as after Reload.
    """

    action: str
    fields: dict[str, str]
    keeping: lti.Keeping
    platform_name: str
    return_url: str | None


@dataclass(frozen=True)
class ResumePage:
    """A launch that was opened before, in this browser: the way to it."""

    action: str


@dataclass(frozen=True)
class BrowserPage:
    """The self-test: what this browser keeps for us here. `keeping` has a key made for the test, `secret` its value."""

    secret: str
    keeping: lti.Keeping
    platform_name: str
    return_url: str | None
