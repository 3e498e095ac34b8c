"""What people make of what a language model said: they take a value that it found, keep, edit or discard a text.

Each writes once, with the person's name, or not at all; doing the same again changes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.facts import Fact, Person
from cases.store.store import Store
from cases.vocabulary import Actor, Help
from pipelines.assistant.editing import MOST, edit_distance
from pipelines.hand import case_of, stated
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.oversight.drawing import seen

Verdict = Literal["kept", "edited", "discarded"]


class NotSaid(NotAllowed):
    """What is judged is not there: never said, said anew since, or shown to nobody."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "it is not there, or was read anew meanwhile; look at the case again")


def take_fact(
    house: House, reference: str, said_id: str, line: int, *, person: str, version: int | None = None
) -> None:
    """Enter a value that was offered as a fact: the person answers for it, and its sources are theirs and the quote's.

    line: its place in what was said, from 0. version: of the case as it was shown; without it, as it stood when the
    value was found. Raises NotSaid, CorrectedMeanwhile when a colleague put that fact right since.
    """

    def taken(store: Store, case: Case) -> Sequence[e.Written]:
        said = _said(case, said_id, line)
        if said.task is not Help.FACTS:
            raise NotAllowed(
                f"taking a value from {said.task.value}", "only what was found as a fact is entered as one"
            )
        before = case.assisted.verdict(said_id, line)
        if before is not None and before.verdict == "kept":
            return ()
        found = said.lines[line]
        fact = Fact(found.about, found.text, 1.0, (Person(person), *found.sources))
        since = version if version is not None else _seq_of(store, case, said_id)
        judged = e.AssistantJudged(said_id, "kept", person, line, length=len(found.text))
        return *stated(house, store, case, fact, person=person, version=since), judged

    _write(house, reference, taken, person=person)


def judge(
    house: House,
    reference: str,
    said_id: str,
    verdict: Verdict,
    *,
    person: str,
    line: int | None = None,
    text: str | None = None,
) -> None:
    """Note what became of a statement, or of all of them (line None).

    text: what the person made of it, where they edited it; how much that changed is kept, the text is not. What comes
    out as it was offered was kept. Raises NotSaid; NotAllowed for "edited" without a text.
    """
    if verdict == "edited" and text is None:
        raise NotAllowed("an edited text", "it is missing; send what it became")

    def judged(_: Store, case: Case) -> Sequence[e.Written]:
        said = _said(case, said_id, line)
        offered = "\n".join(one.text for one in said.lines) if line is None else said.lines[line].text
        distance = edit_distance(offered, text) if verdict == "edited" and text is not None else 0
        become: Verdict = "kept" if verdict == "edited" and distance == 0 else verdict
        event = e.AssistantJudged(said_id, become, person, line, distance, min(len(offered), MOST))
        return () if _same(case.assisted.verdict(said_id, line), event) else (event,)

    _write(house, reference, judged, person=person)


def _same(before: e.AssistantJudged | None, now: e.AssistantJudged) -> bool:
    return before is not None and (before.verdict, before.line, before.distance) == (
        now.verdict, now.line, now.distance,
    )  # fmt: skip


def _said(case: Case, said_id: str, line: int | None) -> e.AssistantSaid:
    said = case.assisted.shown(said_id)
    if said is None:
        raise NotSaid(f"judging what was said as {said_id!r}")
    if line is not None and not 0 <= line < len(said.lines):
        raise NotSaid(f"judging statement {line}")
    return said


def _seq_of(store: Store, case: Case, said_id: str) -> int:
    return next(
        entry.seq for entry in reversed(store.history(case.id))
        if isinstance(entry.event, e.AssistantSaid) and entry.event.said_id == said_id
    )  # fmt: skip


def _write(
    house: House, reference: str, events_of: Callable[[Store, Case], Sequence[e.Written]], *, person: str
) -> None:
    """Nothing of it where the case is decided without advice: who may not see what was said cannot judge it."""

    def write(store: Store) -> bool:
        case = case_of(store, reference)
        if without_advice(house, case):
            raise NotAllowed("judging what a language model said", "this case is decided without advice")
        events = events_of(store, case)
        if events:
            actor = Actor("person", person)
            store.append(case.id, [(event, actor) for event in events], at=house.now(), expected=case.version)
        return bool(events)

    if write_in_turn(house.database, write):
        house.ring()


def without_advice(house: House, case: Case) -> bool:
    """Whether people must not see what any machine makes of this case, or are tested with advice that is wrong."""
    shown = seen(house, case)
    in_shadow = case.step is not None and case.step.shadow and not case.human_ever
    return shown.differs or in_shadow or case.awaits_audit
