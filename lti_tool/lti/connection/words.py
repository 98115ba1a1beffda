"""How an administrator mends a connection: where in which LMS, in the words of its pages (Moodle 4.5, Canvas 2026).

Each text is a whole sentence, ready to be followed; `%(name)s` places are filled in.
"""

from collections.abc import Mapping

from lti_tool.lti.quirks import Product, TokenFault

_MOODLE = (
    "In Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools → the gear of this tool"
)
CANVAS = "In Canvas: Admin → Developer Keys → the pencil of this tool's key"

KEYS: Mapping[Product, str] = {
    Product.MOODLE: f"{_MOODLE}: “Public key type” is Keyset URL, “Public keyset” is %(jwks)s. Moodle's server must "
    "reach it: Site administration → General → Security → HTTP security, cURL blocked hosts and allowed ports.",
    Product.CANVAS: f"{CANVAS}: “JWK Method” is Public JWK URL, “Public JWK URL” is %(jwks)s, which Canvas's servers "
    "must be able to reach.",
    Product.OTHER: "In the LMS, the keyset URL of this tool must be %(jwks)s, and the LMS's server must reach it.",
}
CLIENT: Mapping[Product, str] = {
    Product.MOODLE: f"{_MOODLE}: the client ID there must be %(client)s. If it is another, connect that one.",
    Product.CANVAS: "In Canvas: Admin → Developer Keys: the number under Details must be %(client)s, and State must be "
    "ON. If it is another number, connect that one.",
    Product.OTHER: "In the LMS, this tool's client ID must be %(client)s. If it is another, connect that one.",
}
GRADES: Mapping[Product, str] = {
    Product.MOODLE: f"{_MOODLE} → Services → IMS LTI Assignment and Grade Services: choose “Use this service for grade "
    "sync and column management”, and save.",
    Product.CANVAS: f"{CANVAS} → LTI Advantage Services: switch on all four lines about assignment data, and save.",
    Product.OTHER: "In the LMS, allow this tool the Assignment and Grade Services: line items, results and scores.",
}
ROSTER: Mapping[Product, str] = {
    Product.MOODLE: f"{_MOODLE} → Services → IMS LTI Names and Role Provisioning: choose “Use this service to retrieve "
    "members' information as per privacy settings”, and save.",
    Product.CANVAS: f"{CANVAS} → LTI Advantage Services: switch on “Can retrieve user data associated with the "
    "context the tool is installed in”, and save.",
    Product.OTHER: "In the LMS, allow this tool the Names and Role Provisioning Services.",
}
NAMES: Mapping[Product, str] = {
    Product.MOODLE: f"If names should be shared: {_MOODLE} → Privacy → “Share launcher's name with tool”: Always.",
    Product.CANVAS: f"If names should be shared: {CANVAS} → Additional Settings → Privacy Level: Public, and save.",
    Product.OTHER: "If names should be shared: allow it in the LMS's privacy settings of this tool.",
}
AUDIENCE = (
    "Give the address that the LMS wants as `aud` (Brightspace: https://api.brightspace.com/auth/token): "
    "%(changing)s --audience URL."
)
CLOCK = "On the server whose clock is wrong (the LMS's, or this one) run: timedatectl set-ntp true."
LATER = "Run this test again in a few minutes. If it stays, ask the LMS's administrator."
SETTINGS = "In the settings of this tool, name the LMS's network under http.allow_networks, if it may be contacted."
REACH = "From this server, open %(url)s. %(why)s"
OWN = "Is `lti-tool serve` running, and does the world reach it by server.public_url of the settings?"
KEY_SET_URL = "Look for the public keyset URL in the LMS: %(changing)s --jwks-url URL."
OPEN = "Open an activity of this tool in a course of the LMS once, as a teacher, and run this test again."

WHY = (
    (("CERTIFICATE", "SSL"), "Its certificate is not trusted: have it renewed, with all intermediate certificates."),
    (
        ("NameResolution", "getaddrinfo", "gaierror"),
        "Its name is not known: look for a typing error.",
    ),
    (("timed out", "Timeout", "not finished"), "It takes too long: look for a firewall in between, or a busy server."),
    (("refused",), "Nobody listens there: is the server running, and the port right?"),
)
ANY_WHY = "Look for a firewall, a name that does not resolve, or a certificate that is not trusted."

TOKEN: Mapping[TokenFault, str] = {
    TokenFault.KEYS: "The LMS cannot fetch this tool's keys, or does not find the one that signed.",
    TokenFault.SIGNATURE: "The LMS takes this tool's signature for wrong: it has another key set or client ID.",
    TokenFault.CLIENT: "The LMS does not know this tool's client ID.",
    TokenFault.CLOCK: "The LMS takes this tool's message for too old or not yet valid: the clocks differ.",
    TokenFault.AUDIENCE: "The LMS expects another addressee (`aud`) in this tool's token requests.",
    TokenFault.SCOPE: "The LMS knows this tool, but grants it no service at all.",
    TokenFault.OTHER: "The LMS does not let this tool in (status %(status)s): %(said)s",
}
