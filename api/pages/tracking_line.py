"""The chat as the customer's page shows it: what was said, whether a person is there, and how long the line is."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from api.pages.templating import Pages
from cases.case import Case
from cases.journey import MessageView, Tracking
from cases.journey_folder import JourneyFolder
from cases.store.away import DatabaseAway
from cases.wording import moment_text
from pipelines.channels.chat.line import Line, line_of
from pipelines.channels.chat.taking import LONGEST
from pipelines.house import House

ANSWERED = ("held", "now", "line")  # states of the line in which a person is there
SHOWN = 60  # messages; a longer chat is read in the case's papers


@dataclass(frozen=True, slots=True)
class ChatPanel:
    """typed: what was not taken, to be mended; problem: why. key: of this form, so that it is sent once. is_open: it
    stands unfolded, as somebody answers in it or what was said in it goes on.
    """

    said: tuple[MessageView, ...]
    tells: str
    key: str
    longest: int
    is_open: bool
    typed: str = ""
    problem: str = ""


def chat_panel(
    house: House, pages: Pages, case: Case, folder: JourneyFolder, view: Tracking, *, typed: str = "",
    problem: str = "",
) -> ChatPanel | None:  # fmt: skip
    """None for a case that goes on in another one: there it is one conversation of both, without a chat; and for a
    closed one in which no chat goes on.
    """
    if case.ties.into is not None or (view.closed and not (case.chat.goes_on or problem)):
        return None
    with house.database.reading() as store:
        line = line_of(store, house, case, folder)
    said = tuple(message for message in view.messages if message.chat)[-SHOWN:]
    tells = _tells(pages, case, folder, line, view.language)
    is_open = line.state in ANSWERED or case.chat.goes_on or bool(problem)
    return ChatPanel(said, tells, uuid.uuid4().hex, LONGEST, is_open, typed, problem)


def see_page(house: House, case_id: str, view: Tracking, *, is_open: bool = True) -> None:
    """The page of a chat that goes on is open, or was left: who answers there is told, and mails are spared."""
    if view.chat:
        with suppress(DatabaseAway), house.database.writing() as store:  # then it is mailed as well
            store.chats.see(case_id, house.now(), is_open=is_open)


def line_now(house: House, case: Case, folder: JourneyFolder, view: Tracking) -> str:
    """What tells one place in the line from another; "" for who does not wait."""
    if view.chat != "waits":
        return ""
    with house.database.reading() as store:
        line = line_of(store, house, case, folder)
    return f"{line.state} {line.place}"


def _tells(pages: Pages, case: Case, folder: JourneyFolder, line: Line, language: str) -> str:
    by = moment_text(line.by, folder.journey, language) if line.by else ""
    key = _WAITING[line.state] if case.chat.waits else _BEFORE[line.state]
    return pages.say(language, f"track.chat.{key}", n=line.place, by=by)


#: What is said, by the state of the line: to who has not written yet, or is answered; and to who waits.
_BEFORE = {"held": "held", "nobody": "nobody", "closed": "closed", "now": "now", "line": "line_new"}
_WAITING = {**_BEFORE, "now": "next", "line": "line"}
