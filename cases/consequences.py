"""What a decision brings about: letters, requests, orders, planning, closing. The same for machine and person. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, assert_never

from cases import events as e
from cases import explaining, letters
from cases.answering import REPLY
from cases.case import ESCALATE, NEED_MORE, RECEIPT, Case, Entry, Held, apply
from cases.facts import best
from cases.files_told import files_told
from cases.inputs import local_day
from cases.journey_folder import JourneyFolder
from cases.paying import for_order
from cases.promises import after_choice
from cases.vocabulary import MACHINE, Actor, Effect, RequestKind, Status, Step
from cases.wording import day_text, moment_day, shown_value


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is written for, besides the case itself."""

    at: datetime
    by: datetime | None = None  # the customer hears from us by then
    due: date | None = None
    items: tuple[e.RequestItem, ...] = ()
    message: str = ""
    handler: str = ""  # the person who decided; "" for the machine
    explained: e.DecisionExplained | None = None  # the decision that it carries out


def of_step(case: Case, step: e.StepDecided, folder: JourneyFolder, *, at: datetime) -> list[e.Written]:
    """The consequences of the machine's step. `case` is the case with the step applied."""
    occasion = Occasion(at, by=step.update_by)
    if step.shadow:
        return _acknowledge(case, folder, occasion)
    match step.step:
        case Step.AUTO_CLOSE:
            explained = explaining.of_machine(case, step, folder)
            return [explained, *of_option(case, folder, step.option, replace(occasion, explained=explained))]
        case Step.REQUEST_INFO:
            items = tuple(_item(folder, key) for key in step.requests)
            return ask(case, folder, items, occasion) if items else []  # the rest of what was asked stays open
        case Step.APPOINT:
            planned = e.TaskPlanned(step.option, step.department, local_day(step.update_by or at, folder.journey))
            letter = folder.journey.options[step.option].letter
            explained = explaining.of_machine(case, step, folder)
            return [explained, planned, write_letter(case, folder, letter, replace(occasion, explained=explained))]
        case Step.ROUTE | Step.EXPERT:
            return _acknowledge(case, folder, occasion)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(step.step)


def of_option(case: Case, folder: JourneyFolder, key: str, occasion: Occasion) -> list[e.Written]:
    """An option carried out. A handover comes first: the letter and the closing follow its acceptance."""
    option = folder.journey.options[key]
    if option.handover:
        return [_order(case, folder, key, option.handover)]
    events: list[e.Written] = []
    if option.third_party:
        by = occasion.by or after_choice(key, folder.journey, at=occasion.at)
        events.append(e.TaskPlanned(key, "", local_day(by, folder.journey)))
    events.append(write_letter(case, folder, option.letter, occasion))
    if option.closes:
        events.append(e.CaseClosed(key))
    return events


def after_handover(case: Case, folder: JourneyFolder, key: str, occasion: Occasion) -> list[e.Written]:
    """The organisation's system accepted the order: now the customer may read it."""
    option = folder.journey.options[key]
    events: list[e.Written] = [write_letter(case, folder, option.letter, occasion)]
    if option.closes:
        events.append(e.CaseClosed(key))
    return events


def of_choice(case: Case, decided: e.HumanDecided, items: Sequence[str], folder: JourneyFolder, *, at: datetime,
              ) -> list[e.Written]:  # fmt: skip
    """The consequences of a person's decision. `case` is the case with the decision applied."""
    if decided.choice == ESCALATE:
        return []
    by = decided.update_by or after_choice(decided.choice, folder.journey, at=at)
    occasion = Occasion(at, by=by, message=decided.message, handler=decided.by)
    if decided.choice == NEED_MORE:
        asked = tuple(_item(folder, key) for key in items)
        if decided.message:
            asked = (*asked, e.RequestItem(REPLY, RequestKind.FACT, text=decided.message))
        return ask(case, folder, asked, occasion)
    explained = explaining.of_person(case, decided, folder)
    return [explained, *of_option(case, folder, decided.choice, replace(occasion, explained=explained))]


def carried_out(case: Case, decided: e.HumanDecided, items: Sequence[str], folder: JourneyFolder, *, at: datetime,
                ) -> list[e.Written]:  # fmt: skip
    """A person's decision with its consequences. `case` is the case before it."""
    after = apply(case, Entry(case.version + 1, at, Actor("person", decided.by), decided))
    return [decided, *of_choice(after, decided, items, folder, at=at)]


def held_back(case: Case, decided: e.HumanDecided, items: Sequence[str], folder: JourneyFolder, *, leaves_at: datetime,
              ) -> e.DecisionHeld:  # fmt: skip
    """The same decision, to be carried out at leaves_at in the words that go with it now."""
    follows = carried_out(case, decided, items, folder, at=leaves_at)
    return e.DecisionHeld(decided, leaves_at, tuple(items), digest_of(follows))


def released(case: Case, held: Held, folder: JourneyFolder) -> list[e.Written] | None:
    """What is written when it leaves; None when its letters or orders are not any more those that the person saw."""
    freed = e.Released(held.seq)
    match held.event:
        case e.DecisionHeld(decision=decided, leaves_at=leaves_at, requests=requests, digest=digest):
            after = apply(case, Entry(case.version + 1, leaves_at, MACHINE, freed))
            follows = carried_out(after, decided, requests, folder, at=leaves_at)
            return [freed, *follows] if digest_of(follows) == digest else None
        case e.LetterHeld(facts=facts):
            known = tuple((name, fact.value) for name, _ in facts if (fact := best(case.facts, name)))
            return None if known != facts else [freed, *of_letter(case, held.event)]
        case _:  # pragma: no cover  # the type check proves it
            assert_never(held.event)


def of_letter(case: Case, written: e.LetterHeld) -> list[e.Written]:
    """A person's letter with what it asks for, as it leaves."""
    asked = [e.RequestMade(written.items, written.due)] if written.items and written.due else []
    return [*asked, replace(written.letter, letter_id=next_letter_id(case))]


def digest_of(events: Sequence[e.Written]) -> str:
    """Of what leaves the house with these events: words of letters, and orders with their facts; "" for nothing."""
    leaves: list[tuple[str, ...]] = []
    for event in events:
        match event:
            case e.LetterWritten(to=to, subject=subject, body=body):
                leaves.append(("letter", to, subject, body))
            case e.HandoverAsked(option=option, order=order, facts=facts):
                leaves.append(("order", option, order, *(part for fact in facts for part in fact)))
            case _:
                continue
    return sha256(repr(leaves).encode()).hexdigest() if leaves else ""


def ask(case: Case, folder: JourneyFolder, items: tuple[e.RequestItem, ...], occasion: Occasion) -> list[e.Written]:
    due = local_day(occasion.at + timedelta(days=folder.journey.promises.answer_days), folder.journey)
    return [e.RequestMade(items, due), write_letter(case, folder, "ask", replace(occasion, due=due, items=items))]


def write_letter(case: Case, folder: JourneyFolder, key: str, occasion: Occasion) -> e.LetterWritten:
    return letter_writer(case, folder, occasion)(key)


def letter_writer(case: Case, folder: JourneyFolder, occasion: Occasion) -> Callable[[str], e.LetterWritten]:
    """Writes any letter of the journey for one occasion; what all of them may name is gathered once."""
    journey = folder.journey
    language = case.language if case.language in journey.languages else journey.languages[0]
    context = letter_context(case, folder, language, occasion)

    def write(key: str) -> e.LetterWritten:
        spec = journey.letters[key]
        calls = key == RECEIPT and (case.dangers or case.ties.danger) and not occasion.handler
        tells = case.looks_again and case.human is not None and spec.effect is not Effect.ASK
        body = letters.render(folder.letters[language][key], context)
        if calls:
            body = _with_findings(body, folder.say(language, "letter.person_first"), "")
        return e.LetterWritten(
            letter_id=next_letter_id(case),
            letter=key,
            effect=spec.effect,
            language=language,
            to=case.sender,
            subject=" ".join(letters.render(folder.worded(spec.subject, language), context).split()),
            body=_with_findings(body, folder.say(language, "letter.looked_again"), occasion.message) if tells else body,
            approved_by=occasion.handler or None,
            free_text=spec.free_text or tells,
        )

    return write


def _with_findings(body: str, opening: str, found: str) -> str:
    """What a second look found stands first, under the salutation, whichever letter tells it."""
    salutation, _, rest = body.partition("\n\n")
    said = found.strip() if found.strip() not in body else ""
    return "\n\n".join(part for part in (salutation, opening, said, rest) if part)


def next_letter_id(case: Case) -> str:
    return f"{case.id}.{len(case.letters) + 1}"


def letter_context(case: Case, folder: JourneyFolder, language: str, occasion: Occasion) -> Mapping[str, Any]:
    """Everything a letter may name (cases.letters.NAMES), worded in its language."""
    journey = folder.journey
    topic = journey.topics.get(case.told_topic or "")
    known = {name: best(case.facts, name) for name in journey.facts}
    return {
        "name": case.sender_name or _registered_name(case),
        "reference": case.reference,
        "topic": folder.worded(topic.title, language) if topic else folder.worded(journey.title, language),
        "organisation": {
            "name": journey.organisation.name,
            "email": journey.organisation.email,
            "phone": journey.organisation.phone,
            "hours": folder.worded(journey.organisation.hours, language),
        },
        "facts": {
            name: shown_value(fact.value, journey.facts[name].type, language) for name, fact in known.items() if fact
        },
        "items": [_item_words(folder, item, language) for item in occasion.items],
        "by": moment_day(occasion.by, journey, language) if occasion.by else "",
        "due": day_text(occasion.due, language) if occasion.due else "",
        "message": occasion.message,
        "handler": occasion.handler,
        "explanation": explaining.in_letter(occasion.explained, language) if occasion.explained else "",
        "files": files_told(_new_files(case, occasion), folder, language),
    }


def _new_files(case: Case, occasion: Occasion) -> Sequence[e.FileSeen]:
    """Those that no letter told of yet: all before the first one, and then those of the newest message.

    A person's letter says what that person found; it must not change while it waits to leave.
    """
    if occasion.handler:
        return ()
    return case.messages[-1].files if case.letters and case.messages else case.files


def _acknowledge(case: Case, folder: JourneyFolder, occasion: Occasion) -> list[e.Written]:
    """One confirmation a case; later messages are seen on the tracking page, so two machines never talk."""
    untold = case.ties.origin is not None and not case.ties.origin.told
    told = untold or case.letters or case.status is Status.CLOSED
    return [] if told else [write_letter(case, folder, RECEIPT, occasion)]


def _order(case: Case, folder: JourneyFolder, key: str, order: str) -> e.HandoverAsked:
    known = ((name, best(case.facts, name)) for name in folder.journey.facts)
    facts = for_order(((name, fact.value) for name, fact in known if fact is not None), folder.journey)
    return e.HandoverAsked(id=f"{case.id}.{case.version}", option=key, order=order, facts=facts)


def _item(folder: JourneyFolder, key: str) -> e.RequestItem:
    spec = folder.journey.requests[key]
    return e.RequestItem(key, spec.kind, spec.fact)


def _item_words(folder: JourneyFolder, item: e.RequestItem, language: str) -> dict[str, str]:
    spec = folder.journey.requests.get(item.key)
    if spec is None:
        return {"title": item.text, "text": ""}
    return {"title": folder.worded(spec.title, language), "text": folder.worded(spec.text, language)}


def _registered_name(case: Case) -> str:
    answers_given = case.enriched.answers if case.enriched else ()
    return next((value for a in answers_given for name, value in a.fields if name == "name" and value), "")
