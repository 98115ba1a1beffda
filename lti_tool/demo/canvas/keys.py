"""What a launch says otherwise for a tool that registered itself: only what its key was granted."""

from collections.abc import Mapping

from lti_tool.demo.messages import AGS, CORE, GRADE_SCOPES, NRPS, ROSTER_SCOPE
from lti_tool.demo.registered import Tool

_ENDPOINT = f"{AGS}claim/endpoint"
_PORTRAIT = ("picture", "email", "name", "given_name", "family_name")


def narrowed(claims: Mapping[str, object], tool: Tool | None) -> dict[str, object]:
    """The claims of a launch, for a key that was entered by hand as they are."""
    if tool is None:
        return dict(claims)
    left_out = {name for name in _PORTRAIT if name not in tool.claims}
    endpoint = claims.get(_ENDPOINT)
    scopes = [scope for scope in GRADE_SCOPES if scope in tool.scopes]
    if ROSTER_SCOPE not in tool.scopes:
        left_out.add(f"{NRPS}claim/namesroleservice")
    if not scopes:
        left_out.add(_ENDPOINT)
    if f"{CORE}platformnotificationservice" in claims and not any("noticehandlers" in scope for scope in tool.scopes):
        left_out.add(f"{CORE}platformnotificationservice")
    kept = {name: value for name, value in claims.items() if name not in left_out}
    if isinstance(endpoint, Mapping) and scopes:
        kept[_ENDPOINT] = {**endpoint, "scope": scopes}
    return kept
