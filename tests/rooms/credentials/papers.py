"""What the certificates of these tests say."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lti_tool.credentials import CertificateFacts, CredentialFacts

PUBLIC_URL = "https://credentials.example.edu"
FACTS = CredentialFacts(
    holder_name="Nguyễn Thị Ánh Tuyết",
    title="Data protection essentials",
    language="en",
    description="What anybody who handles personal data should know.",
    organisation_name="Aldermoor University",
    organisation_country="NO",
    organisation_website="https://aldermoor.example",
    awarded_on=date(2026, 11, 24),
    valid_until=date(2028, 11, 24),
    version="3",
    outcomes=("Recognise personal data in everyday work", "Report a breach in time and to the right people"),
    hours=25,
    credits=1,
    level="EQF level 5",
    result_percent="86",
    pass_mark="70",
    assessment="Twelve questions, taken online",
    participation="Online, at own pace",
    supervision="Unsupervised",
    quality_statement="Reviewed each year by the School of Information",
)


def paper(
    name: str, *, address: str = f"{PUBLIC_URL}/c/k7q4m2kxp9tbd3hw5rz8cfv6na", **changes: Any
) -> CertificateFacts:
    """The certificate of a person of this name."""
    facts = replace(FACTS, holder_name=name, **changes)
    signed = b'{"signed": true}'
    return CertificateFacts(facts, "7Q4M-2KXP-9TBD", address, datetime(2026, 11, 24, 9, 0, tzinfo=UTC), signed)
