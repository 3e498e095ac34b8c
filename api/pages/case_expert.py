"""The parts of the decision file's page with which an expert weighs a case."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.pages.case_cover import cover_of
from api.pages.case_described import as_fits, room_beside, translates, translations
from api.pages.case_facts import Looking, facts_of
from api.pages.case_money import Paying, paying_of
from api.pages.case_pictures import shots_of
from api.pages.case_similar import similar_of
from api.pages.case_view import HAPPENED_SHOWN, FileReader, Json, heard, newest
from api.pages.case_weighing import EVIDENCE_SHOWN, Money, because_of, evidence_of, money_of, options_of
from api.security import Operation, may
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.store.people import User
from cases.vocabulary import Status
from pipelines.house import House

PICTURES_SHOWN = 12  # the others are links


def expert_parts(
    house: House,
    reader: FileReader,
    case: Case,
    entries: Sequence[Entry],
    user: User,
    *,
    looking: Looking,
    blind: bool,
) -> dict[str, Any]:
    """Beside what the page shows of every case."""
    folder = house.journeys.folders.get(case.journey or "")
    corrects = may(user, Operation.DECIDE) and case.status is not Status.CLOSED
    said = heard(reader.file, customer_only=blind)
    messages = reader.conversation(one for one in said if reader.shows(one["message_id"]))
    sees = may(user, Operation.SEE_CUSTOMERS)
    own = [one.message_id for one in messages] if sees and not blind else ()
    translated = translations(reader.file, own, expected=translates(house, folder))
    room = room_beside(reader.file) - sum(len(piece.text) for one in messages for piece in one.pieces)
    pictures = shots_of(reader, case, photos_shown=sees)
    happened = () if blind else reader.history()
    decided, sees_advice = _decided(house, case), sees and not blind
    evidence = evidence_of(reader, case, entries, decided, sees_advice=sees_advice)
    money = money_of(reader, case, folder, user)
    similar = similar_of(house, reader, case, folder, user, blind=blind)
    near = [past.reference for past in similar.cases]
    paying = paying_of(house, reader, case, entries, folder, user=user, blind=blind, near=near) if sees else Paying()
    evidence = (*paying.against, *evidence)
    return {
        "paying": paying,
        "evidence": evidence[:EVIDENCE_SHOWN],
        "because": because_of(reader, case, entries, decided, sees_facts=sees_advice),
        "cover": cover_of(reader, case, folder),
        "evidence_more": len(evidence[EVIDENCE_SHOWN:]),
        "money": money if sees else Money(),
        "similar": similar,
        "options": options_of(reader, folder, money if sees else Money(), ended=similar.ended, now=house.now()),
        "facts": facts_of(reader, entries, folder, may_correct=corrects, looking=looking),
        "messages": messages,
        "translations": as_fits(translated, room, reader.message_at),
        "mails": mails_of(case, user),
        "earlier": len(said) - len(messages),
        "files": pictures[:PICTURES_SHOWN],
        "not_in_photos": dict.fromkeys(one["text"] for shot in pictures for one in shot.picture.cannot_show),
        "more_files": pictures[PICTURES_SHOWN:],
        "history": happened[:HAPPENED_SHOWN],
        "before": len(happened[HAPPENED_SHOWN:]),
    }


def messages_shown(file: Json, *, blind: bool) -> Mapping[str, int]:
    """The newest ones, each with how many of its characters are shown; fewer where much else is told of the case."""
    return newest(heard(file, customer_only=blind), characters=room_beside(file))


def mails_of(case: Case, user: User) -> frozenset[str]:
    """Messages that can be shown as they were sent, to who may see customers."""
    sees = may(user, Operation.SEE_CUSTOMERS)
    return frozenset(said.message_id for said in case.messages if sees and said.channel == "email")


def _decided(house: House, case: Case) -> JourneyFolder | None:
    name = case.journey
    return house.journeys.decided(name, case) if name is not None and name in house.journeys.folders else None
