"""Which share of the cases that close by themselves is audited at a moment, and where that is written down."""

from datetime import datetime, timedelta

from cases.journey_spec import AutoClose
from cases.store.certificates import Certificate

FIRST_WEEKS = timedelta(days=28)
LEAST_AT_FIRST = 0.30  # of all closed cases, in the first weeks of a certificate
LEAST = 0.10
RAISED = 2.0  # times, once the evidence against the certificate grows


def share_at(promise: AutoClose, certificate: Certificate, at: datetime) -> float:
    """In [0.1, 1]. The same for every case of the topic, whatever its score."""
    share = max(float(promise.audit_share), LEAST)
    if at < certificate.issued_at + FIRST_WEEKS:
        share = max(share, LEAST_AT_FIRST)
    raised = certificate.share_raised_at is not None and certificate.share_raised_at <= at
    return min(1.0, share * RAISED) if raised else share


def audits_of(certificate: str) -> str:
    """The stream of all that was audited under one certificate: the evidence starts anew with each."""
    return f"audits.{certificate}"
