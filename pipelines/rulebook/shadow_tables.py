"""Tables in shadow: a draft answers every case beside the table in force, is noted, and decides nothing.

Its answers stand in a stream of their own, so that no case holds a word of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases import events as e
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.rules import Verdict
from cases.steps import answered
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import MACHINE, Step
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.rulebook.drafts import DraftRefused, opened_draft
from pipelines.rulebook.owners import folder_with, owner
from pipelines.rulebook.versions import Shadow, book_of, shadow_stream, stream_of

MOST_SHOWN = 20  # cases in which a shadow says otherwise


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a shadow has said so far. differing: the latest cases of which it says otherwise, newest first."""

    journey: str
    table: str
    digest: str
    by: str
    since: datetime
    answered: int
    agreed: int
    differing: tuple[e.ShadowAnswered, ...]


def begin_shadow(house: House, journey: str, table: str, *, by: str) -> Shadow:
    """Let the draft as it is now answer beside the table in force; what is drafted later does not change it.

    Raises DraftRefused without a draft, or with one that has problems; NotAllowed, NoSuchTable.
    """
    folder = folder_with(house, journey, table)

    def write(store: Store) -> None:
        actor = owner(store, folder, by)
        drafted = book_of(store, journey, table).draft
        if drafted is None:
            raise DraftRefused(f"{journey}/{table} has no draft to run in shadow; save one first")
        draft = opened_draft(folder, table, drafted)
        if draft.read is None or draft.problems:
            raise DraftRefused("\n".join(str(problem) for problem in draft.problems))
        event = e.TableShadowed(journey, table, draft.digest, draft.read.as_dict())
        store.append(stream_of(journey), [(event, actor)], at=house.now())

    write_in_turn(house.database, write)
    house.journeys.look_again(house.now())
    with house.database.reading() as store:
        shadow = book_of(store, journey, table).shadow
    if shadow is None:
        raise DraftRefused(f"the shadow of {journey}/{table} was ended just now")
    return shadow


def end_shadow(house: House, journey: str, table: str, *, by: str) -> Agreement:
    """Let it answer no more; what it has said stays in the log. Raises DraftRefused without one, and as above."""
    folder = folder_with(house, journey, table)
    said = agreement(house, journey, table)

    def write(store: Store) -> None:
        actor = owner(store, folder, by)
        shadow = book_of(store, journey, table).shadow
        if shadow is None:
            raise DraftRefused(f"{journey}/{table} has no shadow to end")
        store.append(stream_of(journey), [(e.ShadowEnded(journey, table, shadow.digest), actor)], at=house.now())

    write_in_turn(house.database, write)
    house.journeys.look_again(house.now())
    if said is None:
        raise DraftRefused(f"the shadow of {journey}/{table} was begun just now; end it again")
    return said


def agreement(house: House, journey: str, table: str) -> Agreement | None:
    """What the shadow of a table has said since it began; None without one."""
    with house.database.reading() as store:
        shadow = book_of(store, journey, table).shadow
        if shadow is None:
            return None
        entries = store.history(shadow_stream(journey, table, shadow))
    said = [entry.event for entry in entries if isinstance(entry.event, e.ShadowAnswered)]
    others = [one for one in said if not one.agrees]
    return Agreement(
        journey=journey,
        table=table,
        digest=shadow.digest,
        by=shadow.by,
        since=shadow.since,
        answered=len(said),
        agreed=len(said) - len(others),
        differing=tuple(reversed(others[-MOST_SHOWN:])),
    )


def shadows_say(case: Case, folder: JourneyFolder, house: House, *, at: datetime) -> Sequence[Append]:
    """What each shadow of the journey says of a case that is decided now, for its own stream."""
    return [
        Append(shadow_stream(folder.name, table, shadow), ((_answer(case, folder, other, table, shadow), MACHINE),), at)
        for table, shadow, other in house.journeys.shadows(folder)
    ]


def _answer(case: Case, folder: JourneyFolder, other: JourneyFolder, table: str, shadow: Shadow) -> e.ShadowAnswered:
    verdict, says = answered(case, folder), answered(case, other)
    step, option, row = _parts(verdict)
    shadow_step, shadow_option, shadow_row = _parts(says)
    return e.ShadowAnswered(
        journey=folder.name,
        table=table,
        digest=shadow.digest,
        case=case.id,
        decided=folder.root_digest,
        step=step,
        option=option,
        row=row,
        shadow_step=shadow_step,
        shadow_option=shadow_option,
        shadow_row=shadow_row,
        agrees=dict(verdict.outputs) == dict(says.outputs) and bool(step) == bool(shadow_step),
    )


def _parts(verdict: Verdict) -> tuple[str, str, str]:
    """Step, option and the row that gave them; the kind of verdict stands for a row where there is no answer."""
    if verdict.kind not in ("fired", "else"):
        return "", "", verdict.kind
    outputs = verdict.outputs
    step = Step(str(outputs["step"]))
    return step, str(outputs.get("option") or ""), ", ".join(verdict.fired) or verdict.kind
