"""A letter that a person writes beside any decision: its words, what it asks for, and what it still lacks. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import events as e
from cases import letters
from cases.answering import REPLY, check_worth_asking
from cases.case import Case
from cases.consequences import Occasion, letter_context, write_letter
from cases.errors import NotAllowed
from cases.facts import best
from cases.inputs import local_day
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Letter, RequestSpec
from cases.keeping import KEPT
from cases.surveying import SURVEY
from cases.vocabulary import Effect, RequestKind

ASK = "ask"  # the letter that asks, in every journey
#: What stands in a text block where the case does not know a fact: [Licence plate?]
_GAP = re.compile(r"\[([^\[\]\n]{1,80})\?\]")


_BY_THE_CLOCK = KEPT | {SURVEY}


@dataclass(frozen=True, slots=True)
class Draft:
    """letter: key of one that informs, "" for the one of free words. requests: what is asked; then it is the letter
    that asks, and the message is asked with it. although: why something is asked whose answer the file holds.
    """

    message: str = ""
    letter: str = ""
    requests: tuple[str, ...] = ()
    although: str = ""


class LetterLacks(NotAllowed):
    """Something is still to be filled in."""

    def __init__(self, lacking: Sequence[str]) -> None:
        super().__init__("sending this letter", f"fill in first: {', '.join(lacking)}")
        self.lacking = tuple(lacking)


def sendable(folder: JourneyFolder) -> dict[str, Letter]:
    """Letters that a person may send by themselves: those that inform, but not what the clock writes.

    What grants or refuses goes with a decision.
    """
    return {
        key: spec
        for key, spec in folder.journey.letters.items()
        if spec.effect is Effect.INFORM and key not in _BY_THE_CLOCK
    }


def free_letter(folder: JourneyFolder) -> str | None:
    """The letter of a person's own words; None when the journey has none."""
    return next((key for key, spec in sendable(folder).items() if spec.free_text), None)


def compose(case: Case, folder: JourneyFolder, draft: Draft, *, by: str, leaves_at: datetime) -> e.LetterHeld:
    """The letter as it will be read, with what it asks for.

    Raises NotAllowed, LetterLacks when it is not complete, HeldAlready when the file holds the answer.
    """
    key = _letter_of(folder, draft)
    check_worth_asking(case, folder.journey, draft.requests, although=draft.although)
    if lacking := list(lacks(case, folder, draft, key)):
        raise LetterLacks(lacking)
    items = tuple(e.RequestItem(name, spec.kind, spec.fact) for name, spec in _asked(folder, draft).items())
    message = draft.message.strip()
    if items and message:
        items = (*items, e.RequestItem(REPLY, RequestKind.FACT, text=message))
    due = local_day(leaves_at + timedelta(days=folder.journey.promises.answer_days), folder.journey) if items else None
    occasion = Occasion(leaves_at, by=case.update_by, due=due, items=items, message=message, handler=by)
    letter = write_letter(case, folder, key, occasion)
    return e.LetterHeld(letter, leaves_at, items, due, named_facts(case, folder, letter), message)


def draft_again(held: e.LetterHeld) -> Draft:
    """What was typed for a letter that does not leave."""
    asked = tuple(item.key for item in held.items if item.key != REPLY)
    return Draft(held.message, "" if asked else held.letter.letter, asked)


def lacks(case: Case, folder: JourneyFolder, draft: Draft, key: str) -> Iterator[str]:
    """What is still to be filled in: the words, facts that the letter cannot do without, gaps in the words."""
    spec, language = folder.journey.letters[key], language_of(case, folder)
    if spec.free_text and not draft.message.strip():
        yield "text"
    for name in sorted(letters.facts_needed(folder.letters[language][key])):
        if best(case.facts, name) is None:
            yield folder.worded(folder.journey.facts[name].label, language)
    yield from gaps_in(draft.message)


def block_text(case: Case, folder: JourneyFolder, key: str, *, at: datetime) -> str:
    """A block of the journey in the customer's language, with the facts that it names; a gap where one is unknown."""
    language = language_of(case, folder)
    context = dict(letter_context(case, folder, language, Occasion(at)))
    gaps = {name: f"[{folder.worded(spec.label, language)}?]" for name, spec in folder.journey.facts.items()}
    context["facts"] = {**gaps, **context["facts"]}
    return letters.render(folder.worded(folder.journey.blocks[key].text, language), context).strip()


def gaps_in(text: str) -> list[str]:
    """What is still to be filled in, each once."""
    return list(dict.fromkeys(_GAP.findall(text)))


def language_of(case: Case, folder: JourneyFolder) -> str:
    """The customer's language, else the journey's first."""
    languages = folder.journey.languages
    return case.language if case.language in languages else languages[0]


def named_facts(case: Case, folder: JourneyFolder, letter: e.LetterWritten) -> tuple[tuple[str, str], ...]:
    """The facts that a letter names, with their values now."""
    named = sorted(letters.facts_named(folder.letters.get(letter.language, {}).get(letter.letter, "")))
    known = ((name, best(case.facts, name)) for name in named)
    return tuple((name, fact.value) for name, fact in known if fact is not None)


def _letter_of(folder: JourneyFolder, draft: Draft) -> str:
    offered = sendable(folder)
    if draft.requests:
        return ASK
    if draft.letter and draft.letter not in offered:
        raise NotAllowed(f"letter {draft.letter!r}", f"choose one of: {', '.join(offered)}")
    key = draft.letter or free_letter(folder)
    if key is None:
        raise NotAllowed("a reply", "the journey has no letter with free_text: true and effect: inform; add one")
    if draft.message.strip() and not offered[key].free_text:
        raise NotAllowed(f"your words in {key!r}", "that letter has no place for them; choose the letter of free words")
    return key


def _asked(folder: JourneyFolder, draft: Draft) -> Mapping[str, RequestSpec]:
    requests = folder.journey.requests
    for key in draft.requests:
        if key not in requests:
            raise NotAllowed(f"request {key!r}", f"choose from: {', '.join(requests)}")
    return {key: requests[key] for key in draft.requests}
