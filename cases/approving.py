"""Which letters a colleague reads before they leave, and what they read then. Pure."""

from cases import events as e
from cases.case import NEED_MORE, Case, Held
from cases.composing import ASK
from cases.consequences import Occasion, after_handover, released
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Journey
from cases.people import User
from cases.vocabulary import Role


def role_asked(held: e.DecisionHeld | e.LetterHeld, journey: Journey) -> Role | None:
    """The role of who approves what leaves with it; None where nobody has to."""
    if isinstance(held, e.LetterHeld):
        return role_of(held.letter.letter, journey)
    choice = held.decision.choice
    option = journey.options.get(choice)
    if option is not None:
        return role_of(option.letter, journey)
    return role_of(ASK, journey) if choice == NEED_MORE else None


def role_of(letter: str, journey: Journey) -> Role | None:
    """What the letter says goes before what its touchpoint says."""
    spec = journey.letters.get(letter)
    if spec is None:
        return None
    moment = journey.touchpoints.get(spec.touchpoint or "")
    return spec.approval or (moment.approval if moment is not None else None)


def may_approve(user: User, held: Held, line: str) -> bool:
    """Whether this person may let it leave, or send it back: not who wrote it."""
    has_role = held.role in user.roles and user.disabled_at is None and user.sees(line)
    return held.waits_for_approval and has_role and user.name != held.writer


def words_of(case: Case, held: Held, folder: JourneyFolder) -> list[e.LetterWritten]:
    """The letters as they would leave now, also that which follows an order; none when they are no longer those that
    were written: it then goes back by itself.
    """
    follows = released(case, held, folder) or []
    found = [event for event in follows if isinstance(event, e.LetterWritten)]
    if found or not follows or not isinstance(held.event, e.DecisionHeld):
        return found
    decided = held.event.decision
    if decided.choice not in folder.journey.options:
        return []
    occasion = Occasion(held.event.leaves_at, by=decided.update_by, message=decided.message, handler=decided.by)
    after = after_handover(case, folder, decided.choice, occasion)
    return [event for event in after if isinstance(event, e.LetterWritten)]
