"""Who acts for a customer gets their link by mail, and a copy of each letter where that was chosen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from cases import events as e
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.letters import TRACKING_LINK
from cases.representing import living
from cases.vocabulary import Access, Effect
from cases.wording import day_pattern
from pipelines.communication.service import deliver_by_mail
from pipelines.house import House
from pipelines.links import path_of
from pipelines.ports import LetterUndeliverable
from pipelines.reading_room import folder_of_customer, standing_of
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows


def represent(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_mailed(item, house) for item in batch]


def _mailed(item: Item, house: House) -> Outcome:
    """Nothing for whose access ended before it was their turn."""
    case, event = case_of(item), item.entry.event
    if not isinstance(event, e.RepresentativeNamed | e.CopyAsked):
        return NOTHING
    of = next((one for one in living(case, item.at) if one.representative == event.representative), None)
    copied = event.letter_id if isinstance(event, e.CopyAsked) else ""
    mail = _mail(case, of, copied, house) if of is not None else None
    if of is None or mail is None:
        return NOTHING
    standing = standing_of(house, case, language=mail.language).text
    try:
        delivery = deliver_by_mail(case, mail, house, at=item.entry.at, standing=standing)
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.RepresentativeMailed(of.representative, copied, why=str(undeliverable))])
    return follows(item, [e.RepresentativeMailed(of.representative, copied, delivery.message_id)])


def _mail(case: Case, of: e.RepresentativeNamed, copied: str, house: House) -> e.LetterWritten | None:
    """It holds a way in, so it is not kept in the log with the letters."""
    folder = folder_of_customer(house, case)
    link = house.settings.public_url.rstrip("/") + path_of(of.link_id, house.keys.link)
    if not copied:
        return _invitation(folder, case, of, link)
    letter = next((one for one in case.letters if one.letter_id == copied), None)
    if letter is None:
        return None
    told = folder.say(letter.language, "track.rep.mail.copy", name=of.name, customer=case.sender_name)
    return e.LetterWritten(
        letter_id=f"{case.id}.copy-{copied.rpartition('.')[2]}-{of.representative}",
        letter="representative_copy",
        effect=Effect.INFORM,
        language=letter.language,
        to=of.address,
        subject=letter.subject,
        body=f"{told}\n\n{letter.body.replace(TRACKING_LINK, link)}",
    )


def _invitation(folder: JourneyFolder, case: Case, of: e.RepresentativeNamed, link: str) -> e.LetterWritten:
    language = case.language if case.language in folder.journey.languages else folder.journey.languages[0]
    organisation = folder.journey.organisation
    may = "track.rep.mail.may_answer" if of.access is Access.ANSWER else "track.rep.mail.may_follow"
    body = folder.say(
        language,
        "track.rep.mail.body",
        name=of.name,
        customer=case.sender_name or folder.say(language, "track.rep.mail.somebody"),
        may=folder.say(language, may),
        link=link,
        until=last_day(of.until, folder, language),
        organisation=organisation.name,
        phone=organisation.phone,
    )
    return e.LetterWritten(
        letter_id=f"{case.id}.for-{of.representative}",
        letter="representative",
        effect=Effect.INFORM,
        language=language,
        to=of.address,
        subject=folder.say(language, "track.rep.mail.subject"),
        body=body + "\n",
    )


def last_day(until: datetime, folder: JourneyFolder, language: str) -> str:
    """On which a link still works: a link that ends at midnight ends on the day before."""
    local = (until - timedelta(seconds=1)).astimezone(ZoneInfo(folder.journey.calendar.time_zone))
    return format_date(local.date(), f"{day_pattern(language)} y", locale=language)
