"""Compliments that were read and enriched, put through the decide stage: where certified they close by themselves."""

from collections.abc import Sequence

from cases import events as e
from cases.case import Case, fold
from cases.store.log import Append
from cases.store.work import Claim
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Scope
from models.certify import in_reserve
from pipelines.hand import Decision, decide_by_hand
from pipelines.house import House
from pipelines.stages.decide import decide
from pipelines.stages.work import Item
from pipelines.standing import still_stands
from pipelines.text_models import version_of

JOURNEY, TOPIC, OPTION = "complaint", "praise", "thank"
THANKS = "Thank you so much, your colleague on the phone was wonderful and helped me very kindly. A big compliment!"


def compliments(house: House, numbers: Sequence[int], *, score: float = 0.97, version: str | None = None) -> list[Case]:
    """One case a number, decided on in one batch; as they then stand."""
    version = version or version_of(house.texts.of(JOURNEY))
    with house.database.writing() as store:
        appended = store.append_many([_read(house, number, score, version) for number in numbers])
    items = [
        Item(Claim(one.stream, one.entries[-1].seq, "decide", 1, 1), one.entries[-1], one.entries, one.case,
             house.now())
        for one in appended
    ]  # fmt: skip
    outcomes = decide(items, house)
    with house.database.writing() as store:
        for outcome in outcomes:
            for append in outcome.appends:
                for event, _ in append.events:
                    if isinstance(event, e.StepDecided) and event.certificate and not event.shadow:
                        assert still_stands(store, event)
        store.append_many([append for outcome in outcomes for append in outcome.appends])
        return [fold(one.stream, store.history(one.stream)) for one in appended]


def _read(house: House, number: int, score: float, version: str) -> Append:
    folder, at = house.journeys.get(JOURNEY), house.now()
    sender, message = sender_of(house, number), f"m-{number}"
    events: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened(f"C-2026-{number:06d}", message, "webform", sender, "", JOURNEY, "en"), MACHINE),
        (e.MessageAdded(message, "webform", sender, "", THANKS, at, language="en"), CUSTOMER),
        (e.Understood(message, "en", JOURNEY, folder.digest, TOPIC, score, Scope.IN, 0.5, f"text/{JOURNEY}", version),
         MACHINE),
        (e.Enriched(), MACHINE),
    ]  # fmt: skip
    return Append(f"case-{number:06d}", events, at, expected=0)


def sender_of(house: House, number: int) -> str:
    """A customer of the reserve, another one for each number."""
    return next(
        sender for n in range(1000) if in_reserve(house.keys.reserve, sender := f"klant{number}.{n}@example.org")
    )


def judge(house: House, case: Case, choice: str = OPTION, *, by: str = "anna") -> Case:
    """By the person that the queue shows it to."""
    found = "We have read it all again." if case.looks_again else ""
    decision = Decision(choice, "as I see it", case.version, found)
    decide_by_hand(house, case.reference, decision, person=by)
    with house.database.reading() as store:
        return store.case(case.id)


def of_models(house: House) -> list[e.Event]:
    with house.database.reading() as store:
        return [entry.event for entry in store.history("models")]
