"""A letter came back: it is offered again, or its address counts as one that does not work and a person is told."""

from collections.abc import Sequence

from cases import events as e
from cases.case import Case
from cases.store.log import Append
from cases.vocabulary import MACHINE
from pipelines.channels.email.machine_mail import Bounce, read_bounce
from pipelines.channels.email.reading import read_headers
from pipelines.channels.email.returns import again_at, answered
from pipelines.channels.parsed import Refused
from pipelines.channels.sms.incoming import TEXT_TYPE, Receipt, read_posted
from pipelines.house import House
from pipelines.stages.work import NOTHING, Item, Outcome

EXPIRED = "4.4.7"  # RFC 3463: it waited too long, which another time it may not


def bounce(batch: Sequence[Item], house: House) -> list[Outcome]:
    reports = [item.entry.event for item in batch]
    with house.database.reading() as store:
        cases = store.cases([str(one.case_id) for one in reports if isinstance(one, e.MessageReceived)])
    told: set[str] = set()
    return [_once(_bounced(item, cases, house), told) for item in batch]


def _once(outcome: Outcome, told: set[str]) -> Outcome:
    """Two reports about one letter in one batch count as one."""
    events = [event for append in outcome.appends for event, _ in append.events]
    letters = {event.letter_id for event in events if isinstance(event, e.LetterBounced)}
    if letters & told:
        return NOTHING
    told |= letters
    return outcome


def _bounced(item: Item, cases: dict[str, Case], house: House) -> Outcome:
    report = item.entry.event
    case = cases.get(str(report.case_id)) if isinstance(report, e.MessageReceived) else None
    if not isinstance(report, e.MessageReceived) or case is None or case.erased:
        return NOTHING
    try:
        is_text = report.content_type == TEXT_TYPE
        events = _of_text(report, case, item, house) if is_text else _events(report, case, item, house)
    except Refused:  # it nests too deep, or has too many parts: it stays a message, and says nothing
        return NOTHING
    if not events:
        return NOTHING
    return Outcome((Append(case.id, [(event, MACHINE) for event in events], item.at, case=case),))


def _events(report: e.MessageReceived, case: Case, item: Item, house: House) -> list[e.Written]:
    raw = house.blobs.get(report.owner, report.raw_sha256)
    found = read_bounce(raw)
    headers = read_headers(raw, own_domain=house.settings.mail_domain)
    ours = {letter.letter_id for letter in case.letters}
    letter_id = next((one for one in answered(headers, raw, key=house.keys.reply) if one in ours), None)
    if found is None or not found.has_failed or letter_id is None:
        return []
    why = f"its mail came back{f': {found.status}' if found.status else ''}"
    return _came_back(report, case, item, letter_id, found, why=why)


def _of_text(report: e.MessageReceived, case: Case, item: Item, house: House) -> list[e.Written]:
    """The provider says that a text did not arrive; one whose phone was off is sent again."""
    receipt = read_posted(house.blobs.get(report.owner, report.raw_sha256), country=house.settings.sms_country)
    sent = {letter.letter_id for letter in case.letters}
    if not isinstance(receipt, Receipt) or receipt.fate == "delivered" or receipt.letter_id not in sent:
        return []
    found = Bounce(receipt.to or None, None, EXPIRED if receipt.fate == "expired" else "")
    why = f"the text did not arrive{f': {receipt.reason}' if receipt.reason else ''}"
    return _came_back(report, case, item, receipt.letter_id, found, why=why, address=receipt.to)


def _came_back(
    report: e.MessageReceived, case: Case, item: Item, letter_id: str, found: Bounce, *, why: str, address: str = ""
) -> list[e.Written]:
    before = [one for one in case.bounces if one.letter_id == letter_id]
    if before and (before[-1].again_at is None or before[-1].again_at > item.at):
        return []  # who reports repeats itself
    again = again_at(found, before=len(before), now=item.at)
    came_back = e.LetterBounced(letter_id, report.message_id, found.status or "", again, address=address)
    return [came_back] if again is not None else [came_back, e.LetterWithheld(letter_id, why)]
