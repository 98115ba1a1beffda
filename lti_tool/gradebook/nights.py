"""When the nightly look at the LMS's grades is due."""

from datetime import datetime, timedelta

from lti_tool.core import ids

_HOUR = 2
_SPREAD = 2 * 3600.0


def next_night(now: datetime) -> datetime:
    """A moment of the next night (2 to 4 o'clock UTC): all columns at once would be a load."""
    night = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    if night <= now:
        night += timedelta(days=1)
    return night + timedelta(seconds=ids.jitter(_SPREAD))
