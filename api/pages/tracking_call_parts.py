"""The times in which a customer may be called, in words: the same on their page and at the desk."""

from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages.queue_view import Choice
from api.pages.templating import Pages
from cases.calling_back import slots
from cases.journey_spec import Calendar
from cases.wording import day_text


def call_times(pages: Pages, open_hours: Calendar, language: str, *, at: datetime) -> tuple[Choice, ...]:
    """Key of each time that may be promised now, and how it is told."""
    zone = ZoneInfo(open_hours.time_zone)
    return tuple(
        Choice(
            slot.key,
            pages.say(
                language,
                "track.call.slot",
                day=day_text(slot.day, language),
                part=pages.say(language, f"track.call.part.{slot.part}"),
                opens=f"{slot.opens.astimezone(zone):%H:%M}",
                closes=f"{slot.closes.astimezone(zone):%H:%M}",
            ),
        )
        for slot in slots(at, open_hours)
    )
