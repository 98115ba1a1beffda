"""Templates and what all of them may use. Data comes as one frozen dataclass, `page`; `shell` is what surrounds it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask import Flask, Response, current_app, g, make_response
from jinja2 import StrictUndefined
from markupsafe import Markup

from lti_tool.gradebook import shown_percent
from lti_tool.web import security, session
from lti_tool.web.static_files import static_url
from lti_tool.web.wiring import parts


@dataclass(frozen=True)
class Shell:
    """What surrounds a page: language and direction (of our words, and of the author's), whose it is, the ways out."""

    lang: str
    dir: str
    issuer_name: str
    module_title: str
    frame: bool
    return_url: str | None
    platform_name: str
    home_url: str | None
    role: str
    content_lang: str = "en"
    content_dir: str = "ltr"
    launch: str = ""


def public_shell(issuer_name: str = "") -> Shell:
    """The surroundings of a page that anybody may open."""
    name = issuer_name or parts().settings.organisation.name
    return Shell("en", "ltr", name, "", False, None, "", None, "public")


def page(template: str, shown: object, shell: Shell | None = None) -> Response:
    """A page as a response."""
    return make_response(part(template, page=shown, shell=shell or _shell()))


def part(template: str, **values: object) -> str:
    """A piece of a page, for a script that swaps it in; it knows `values` and nothing of the request."""
    return current_app.jinja_env.get_template(template).render(values)


def _shell() -> Shell:
    """The surroundings that the session's guard noted, or those of nobody in particular."""
    noted: Shell | None = g.get("shell")
    return noted or public_shell()


def set_up(app: Flask) -> None:
    """Gives Jinja its globals and filters, and makes a missing variable a fault instead of a blank."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(csp_nonce=security.nonce, csrf_token=session.csrf_token, static=static_url)
    app.jinja_env.filters.update(
        date=long_date, moment=long_moment, clock=clock_time, percent=percent_text, html=safe_html, direction=direction
    )


def long_date(moment: date) -> str:
    """24 November 2026: the month in words, as figures alone are read differently in different countries."""
    day = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
    return format_date(day, "d MMMM y", locale="en")


@lru_cache
def country_name(code: str) -> str:
    """Norway for NO; the code itself where it is none that we know."""
    return str(Locale("en").territories.get(code, code))


def long_moment(moment: datetime) -> str:
    """24 November 2026, 10:42 UTC."""
    return f"{long_date(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


def clock_time(moment: datetime) -> Markup:
    """10:42 UTC as a `<time>`, which a script may turn into the reader's own zone."""
    day = moment.astimezone(UTC)
    stamp = day.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup("<time datetime='{}'>{} UTC</time>").format(stamp, f"{day:%H:%M}")


def percent_text(percent: Fraction | None) -> str:
    """86 % or 86.6 %, as everybody reads it everywhere; a dash where there is none."""
    return "–" if percent is None else f"{shown_percent(percent)}\u202f%"


def apart(title: str) -> str:
    """A title within a sentence of ours, so that neither changes the order of the other's words (as `<bdi>` does)."""
    return f"\u2068{title}\u2069"


def safe_html(text: str) -> Markup:
    """HTML that the modules room has sanitised; nothing else may be passed here."""
    return Markup(text)


@lru_cache
def direction(language: str) -> str:
    """`ltr` or `rtl`, for a language tag; unknown ones are left to right."""
    primary = language.replace("_", "-").split("-")[0]
    try:
        return str(Locale(primary).text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"
