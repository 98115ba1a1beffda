"""What single platforms do differently, each with its platform and version. Only here does behaviour hang on one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from lti_tool.lti.origins import is_under, origin_of

DEPLOYMENT_ALIAS = "deployment_id"
"""What Canvas calls a login's `lti_deployment_id`, beside it or, in older releases, instead."""
_VARIABLE = re.compile(r"\$[A-Za-z][A-Za-z0-9_.]*")
_MOST = 500
_LONGEST_KEY = 200
_LONGEST_VALUE = 5000
_MASQUERADER = ("masquerading_user", "canvas_masquerading_user_id")
MASQUERADE_PARAMETER = {_MASQUERADER[0]: "$Canvas.masqueradingUser.id"}
"""What a link asks a platform for, to learn who acts as the person; one that cannot tell sends it as it is."""
_ESCAPED = re.compile(r"&(amp|lt|gt|quot|#0?39);")
_MEANT = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#039": "'", "#39": "'"}
_MOODLE_PAGE = "1000"
_CANVAS_PAGE = "100"


class Product(StrEnum):
    """The LMS behind an address, as far as its form tells: services have no launch at hand that names it."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    OTHER = "other"


class Answer(StrEnum):
    """What comes back with 2xx for a score that was taken."""

    EMPTY = "empty"
    RESULT_URL = "result_url"
    ANY_JSON = "any_json"


@dataclass(frozen=True)
class GradeRules:
    """How a product's gradebook takes scores. Every product is sent final ones only (`FullyGraded`), as compact JSON
    and with the present time: Moodle 4.5 erases the grade for any other progress, and Open edX passes it over."""

    # Canvas: each score is a new attempt unless it says otherwise, and is told when that was handed in.
    counts_attempts: bool = False
    # Canvas: a server's error may come after the attempt was made, and “no attempts left” of a request that somebody on
    # the way sent twice; it must be looked up before a score goes again.
    error_settles_nothing: bool = False
    answer: Answer = Answer.ANY_JSON


GRADE_RULES: Mapping[Product, GradeRules] = {
    Product.MOODLE: GradeRules(answer=Answer.EMPTY),
    Product.CANVAS: GradeRules(counts_attempts=True, error_settles_nothing=True, answer=Answer.RESULT_URL),
    Product.OTHER: GradeRules(),
}
SUBMISSION = "https://canvas.instructure.com/lti/submission"
"""Canvas's extension of a score, sent back in the result of the last one."""
_BRIGHTSPACE_DOOR = "https://auth.brightspace.com/"
_BRIGHTSPACE_AUDIENCE = "https://api.brightspace.com/auth/token"


class TokenFault(StrEnum):
    """Why a platform gives no token, as far as its answer tells."""

    KEYS = "keys"
    CLIENT = "client"
    SIGNATURE = "signature"
    CLOCK = "clock"
    AUDIENCE = "audience"
    SCOPE = "scope"
    OTHER = "other"


# In this order, as several faults may be told at once. Moodle 4.5's words, Canvas's, and those of RFC 6749 §5.2.
_TOKEN_FAULTS = (
    (TokenFault.SCOPE, ("invalid_scope",)),
    (TokenFault.CLOCK, ("iat prior", "Expired token", "has expired", "'iat' must")),
    (TokenFault.AUDIENCE, ("'aud' is invalid",)),
    (TokenFault.KEYS, ("unable to lookup correct key", "JWK Error", "fetching the tool's keys", "keyset")),
    (TokenFault.SIGNATURE, ("ignature",)),
    (TokenFault.CLIENT, ("invalid_client", "unauthorized_client")),
)
_CANVAS_CLOUD = frozenset(f"https://canvas.{part}instructure.com" for part in ("", "beta.", "test."))


def plain_custom(values: Mapping[str, object]) -> dict[str, str]:
    """The custom parameters that say something.

    Any platform sends a variable that it does not know back as it was written, `$Like.this` (LTI Core 1.3 Appendix C);
    Moodle 4.5 sends some as null in deep linking, and each key with a capital or a space twice: as written, and in
    lower case with underscores.
    """
    said: dict[str, str] = {}
    for key, value in list(values.items())[:_MOST]:
        if not _is_plain(key, _LONGEST_KEY) or not isinstance(value, str) or not _is_plain(value, _LONGEST_VALUE):
            continue
        if not _VARIABLE.fullmatch(value):
            said[key] = value
    written = {_lowered(key): value for key, value in said.items() if _lowered(key) != key}
    return {key: value for key, value in said.items() if written.get(key) != value or _lowered(key) != key}


def masquerader_of(custom: Mapping[str, object]) -> str:
    """The account that acts as the person of a launch; empty where nobody does.

    Canvas fills in `$Canvas.masqueradingUser.id` (a number, as text or as one) while somebody of the staff uses “Act
    as”, and leaves it as written otherwise, as every other platform does. Our own links ask for it; a key may, too.
    """
    for name in _MASQUERADER:
        value = custom.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)[:_LONGEST_KEY]
        if isinstance(value, str) and value.strip() and not _VARIABLE.fullmatch(value):
            return value[:_LONGEST_KEY].encode("utf-8", "backslashreplace").decode()
    return ""


def own_domains(issuer: str, auth_url: str) -> tuple[str, ...]:
    """The domains whose hosts all belong to a platform, beside the hosts of its own addresses.

    Hosted Canvas (2026) has one issuer and one door for all schools, on canvas.instructure.com and sso.canvaslms.com,
    but pages, return addresses and grade columns lie on the school's own host, mostly school.instructure.com. A
    Canvas that a school runs itself may name the same issuer; its door is elsewhere, and that domain is not its own.
    """
    door = origin_of(auth_url) or ""
    is_hosted = issuer in _CANVAS_CLOUD and (is_under(door, "canvaslms.com") or is_under(door, "instructure.com"))
    return ("instructure.com",) if is_hosted else ()


def is_silent_refusal(status: int, body: bytes) -> bool:
    """Whether an accepted-looking answer to a score is a refusal.

    Moodle 4.5 writes the reason into the status line; where that fails, the refusal goes out as 200 with an empty list.
    An accepted score has no body at all.
    """
    return 200 <= status < 300 and body.strip() == b"[]"


def product_of(url: str) -> Product:
    """Moodle's addresses lie under /mod/lti/, Canvas's under /api/lti/ and /login/oauth2/."""
    path = urlsplit(url).path
    if "/mod/lti/" in path:
        return Product.MOODLE
    return Product.CANVAS if path.startswith(("/api/lti/", "/login/oauth2/")) else Product.OTHER


def grade_rules(url: str) -> GradeRules:
    """The rules of the gradebook that a line item is in."""
    return GRADE_RULES[product_of(url)]


def usual_audience(token_url: str) -> str:
    """Who a request for a token is meant for, where nobody says: its address, or Brightspace's one name for all."""
    return _BRIGHTSPACE_AUDIENCE if token_url.startswith(_BRIGHTSPACE_DOOR) else token_url


def roster_limit(url: str) -> Mapping[str, str]:
    """How many people a page of the roster should have, where that must be said.

    Moodle 4.5 sends everybody at once unless asked otherwise; Canvas and others choose a size of their own (50).
    """
    asked = "limit" in parse_qs(urlsplit(url).query)
    return {"limit": _MOODLE_PAGE} if product_of(url) is Product.MOODLE and not asked else {}


def results_limit(url: str) -> Mapping[str, str]:
    """How many grades a page of a column should have, where that may be said.

    Canvas (2026) has short pages and takes a `limit`; Moodle 4.5 sends all at once, and answers one with an error page.
    """
    return {"limit": _CANVAS_PAGE} if product_of(url) is Product.CANVAS else {}


def roster_text(url: str, text: str) -> str:
    """A name as it is meant: Moodle 4.5 HTML-escapes those in its rosters (`Bb &amp; Co`), though not in launches."""
    if product_of(url) is not Product.MOODLE:
        return text
    return _ESCAPED.sub(lambda found: _MEANT[found[1]], text)


def completes_by_grade(url: str) -> bool:
    """Whether a teacher has to say how a grade completes the activity: Moodle 4.5 has completion by viewing, by any
    grade or by a passing grade, and no service tells it the pass mark."""
    return product_of(url) is Product.MOODLE


def takes_review(url: str) -> bool:
    """Whether a platform opens submissions for review: Canvas (2026) has no such message, and a grader of its own."""
    return product_of(url) is not Product.CANVAS


def takes_maximum(url: str, maximum: int) -> bool:
    """Whether a platform's gradebook can have this maximum: Moodle 4.5's has whole numbers from 1 to 100."""
    return maximum >= 1 and (maximum <= 100 or product_of(url) is not Product.MOODLE)


def repaired_link(header: str) -> str:
    """A Link header as standard parsers read it.

    Moodle 4.5 writes that of line items with typographic quotes, in UTF-8 where HTTP reads Latin-1, and its addresses
    HTML-escaped: `<…?a=1&amp;b=2>; rel=“next”`.
    """
    try:
        plain = header.encode("latin-1").decode()
    except UnicodeError:
        plain = header
    if "“" not in plain and "”" not in plain:
        return header
    return plain.replace("“", '"').replace("”", '"').replace("&amp;", "&")


def token_fault(answer: str) -> TokenFault:
    """What a platform's refusal of a token says."""
    return next((fault for fault, words in _TOKEN_FAULTS if any(word in answer for word in words)), TokenFault.OTHER)


def is_rate_limit(status: int, remaining: str | None) -> bool:
    """Whether an answer means “too many requests”. Canvas said so for years by 403 with nothing remaining."""
    if status == 429:
        return True
    try:
        return status == 403 and remaining is not None and float(remaining) <= 0
    except ValueError:
        return False


def _is_plain(text: str, longest: int) -> bool:
    return len(text) <= longest and "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _lowered(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", key.lower())
