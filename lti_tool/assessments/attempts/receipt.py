"""The receipt of a hand-in: a fingerprint of what was handed in, which anybody with the record can work out again."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from lti_tool.assessments.model.item import Response, response_to_json


def receipt_of(attempt: str, submitted_at: datetime, responses: Mapping[str, Response]) -> str:
    """SHA-256, in hex, of the attempt's id, the moment and every answer that counts, as JSON with sorted names."""
    record = {
        "attempt": attempt,
        "handed_in": submitted_at.astimezone(UTC).isoformat(timespec="seconds"),
        "answers": {item: response_to_json(told) for item, told in responses.items()},
    }
    plain = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
