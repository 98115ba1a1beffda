"""Lists that come in pages (AGS 2.0 §3.2.3, NRPS 2.0 §2.4.1): `Link: rel="next"` followed as is, as far as is safe.

Every page is fetched with the platform's access token, so the next one must lie on the origin of the first and belong
to the platform. A list that cannot be followed to its end is a fault: the part that was read is never the whole.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urljoin

from lti_tool.core.errors import Side, Upstream
from lti_tool.core.http import HttpAnswer, for_log
from lti_tool.lti.origins import origin_of, same_origin
from lti_tool.lti.quirks import repaired_link
from lti_tool.lti.registering.registrations import Registration

MOST_PAGES = 500
PAGE_BYTES = 8 * 1024 * 1024
_LONGEST_HEADER = 20_000

# One link of RFC 8288 §3: an address and its parameters, quoted or bare.
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(r';\s*([A-Za-z*-]+)\s*=\s*(?:"([^"]*)"|([^\s",;]+))')


class ListCut(Upstream):
    """The list goes on, and we do not follow: `code` says why; asking again would end in the same place."""

    again = False


def pages(
    fetch: Callable[[str], HttpAnswer], first: str, registration: Registration, *, most: int | None = None
) -> Iterator[HttpAnswer]:
    """The answers of a list, page by page, to its end; raises ListCut where it has none that we would go to.

    `fetch` takes an address and raises for an answer that is no page; `most` is the number of pages to read at most.
    """
    seen = {first}
    url = first
    for _ in range(MOST_PAGES if most is None else most):
        answer = fetch(url)
        yield answer
        found = next_link(answer.headers)
        if found is None:
            return
        url = found if origin_of(found) else urljoin(url, found)
        if not may_follow(registration, first, url):
            raise _cut("lti.foreign_page", "The LMS's list goes on at an address that is not the LMS's own.", url)
        if is_repeated(url, seen):
            raise _cut("lti.pages_repeat", "The LMS's list goes round in a circle.", url)
        seen.add(url)
    raise _cut("lti.too_many_pages", "The LMS's list has more pages than this tool reads.", url)


def may_follow(registration: Registration, first: str, url: str) -> bool:
    """Whether the access token may go to a next page: the platform's own, and where the first page was."""
    return registration.owns(url) and same_origin(first, url)


def is_repeated(url: str, seen: set[str]) -> bool:
    """Whether a page was read before."""
    return url in seen


def next_link(headers: Mapping[str, str]) -> str | None:
    """The address of the next page in an answer's headers, exactly as written; None on the last page."""
    given = next((value for name, value in headers.items() if name.lower() == "link"), "")
    for url, parameters in _LINK.findall(repaired_link(given[:_LONGEST_HEADER])):
        for name, quoted, bare in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or bare).lower().split():
                return str(url).strip()
    return None


def _cut(code: str, detail: str, url: str) -> ListCut:
    hint = "Try again later. If it stays, ask the LMS's administrator."
    return ListCut(code, detail, hint, side=Side.LMS, log={"next": for_log(url, url)})
