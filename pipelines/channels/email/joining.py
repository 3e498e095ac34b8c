"""Which case a mail belongs to. A sender and a subject are typed by anybody, so they never suffice."""

import re
from collections.abc import Sequence

from cases.case import Case
from cases.store.store import Store
from pipelines.channels.named_cases import case_of_id, case_of_reference
from pipelines.channels.parsed import ParsedHeaders

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\([^()]*\)')
_DMARC = re.compile(r"\s*dmarc\s*=\s*(\w+)")


def case_of_mail(
    store: Store, headers: ParsedHeaders, *, answers: Sequence[str], mentions: Sequence[str], host: str
) -> tuple[str | None, str | None]:
    """The id of the case that it joins, or the reference of one that it may belong to.

    It joins by itself only with our own reply token and a sender who is a party, or with a reference and a party whose
    address our mail host has authenticated (RFC 8601). Machine mail is filed under the case whose letter it answers,
    to be erased with it, and does nothing there.

    answers: letters of ours, proven by our key. mentions: references in its subject. host: "" trusts nobody's word.
    """
    for letter_id in answers:
        case = case_of_id(store, letter_id.rpartition(".")[0])
        if case is not None:
            joins = headers.machine is not None or _is_party(case, headers.sender)
            return (case.id, None) if joins else (None, case.reference)
    if headers.machine is not None:
        return None, None
    for reference in mentions:
        case = case_of_reference(store, reference)
        if case is not None:
            proven = _is_party(case, headers.sender) and _authenticated(headers, host.casefold())
            return (case.id, None) if proven else (None, case.reference)
    return None, None


def _is_party(case: Case, sender: str) -> bool:
    return bool(sender) and sender.casefold() == case.sender.casefold()


def _authenticated(headers: ParsedHeaders, host: str) -> bool:
    """DMARC passed, according to the newest word of the one host we trust; others' claims count for nothing.

    Lines of that name further down may have come in with the mail. Comments and quoted strings hold what the sender
    wrote.
    """
    if not host:
        return False
    for line in headers.authentication_results:
        server, *results = _QUOTED.sub("", line.casefold()).split(";")
        verdict = next((found[1] for result in results if (found := _DMARC.match(result))), None)
        if server.split()[:1] == [host] and verdict is not None:
            return verdict == "pass"
    return False
