"""Who began a launch is who goes on with it: the browser's secret, of which only a hash is kept (DESIGN §5)."""

from lti_tool.core import ids


def hash_of(browser: str) -> str:
    """What is stored of a browser's secret."""
    return ids.digest(browser)


def is_same_browser(browser_hash: str, browser: str) -> bool:
    """Whether this secret is the one that was stored, compared in constant time."""
    return ids.same(browser_hash, hash_of(browser))
