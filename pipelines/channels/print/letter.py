"""A letter as a document for paper: what its template reads, and the PDF."""

from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.journey_folder import JourneyFolder
from cases.letters import STANDING, filled
from cases.wording import date_text
from pipelines.communication.channel import Outgoing
from pipelines.house import House
from pipelines.paper.press import set_document
from pipelines.reading_room import folder_of_customer

TEMPLATE = Path(__file__).parents[3] / "configs" / "paper" / "letter.typ"


def printed(outgoing: Outgoing, house: House) -> bytes:
    """The same for the same letter while the case stands where it did. Raises PaperNotMade."""
    laid = sheet(outgoing, folder_of_customer(house, outgoing.case), public_url=house.settings.public_url)
    seconds = house.settings.paper_seconds
    return set_document(laid, attached=b"{}", pictures={}, at=outgoing.at, seconds=seconds, template=TEMPLATE)


def sheet(outgoing: Outgoing, folder: JourneyFolder, *, public_url: str) -> dict[str, Any]:
    """What the template reads. No way in stands on paper, which others open: the page asks who reads it."""
    case, letter, journey = outgoing.case, outgoing.letter, folder.journey
    language, organisation = letter.language, folder.journey.organisation
    page = f"{public_url.rstrip('/')}/t/new-link"
    at = outgoing.at.astimezone(ZoneInfo(journey.calendar.time_zone))
    body = filled(letter.body, link=page, standing=outgoing.standing)
    told = [] if STANDING in letter.body or not outgoing.standing else [outgoing.standing]
    return {
        "title": f"{letter.subject} ({case.reference})",
        "subject": letter.subject,
        "author": organisation.name,
        "language": language,
        "date": {unit: getattr(outgoing.at.astimezone(UTC), unit) for unit in ("year", "month", "day")},
        "address": outgoing.address.split("\n"),
        "from": organisation.name,
        "about": [
            [folder.say(language, "track.print.reference"), case.reference],
            [folder.say(language, "track.print.date"), f"{date_text(at.date(), language)} {at.year}"],
            [folder.say(language, "track.print.phone"), organisation.phone],
            [folder.say(language, "track.print.email"), organisation.email],
        ],
        "paragraphs": [part.strip() for part in body.split("\n\n") if part.strip()],
        "box": [*told, folder.say(language, "track.print.page", link=page, reference=case.reference)],
        "footer": f"{organisation.name} · {case.reference}",
    }
