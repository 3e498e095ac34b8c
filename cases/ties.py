"""What a case has to do with others: merged, split and linked ones. Folded with the case; pure.

A merge moves nothing: each case keeps its own log, words and files, and is shown with the other. So it can be taken
back at any time, and erasing one of them takes nothing of the other. A split copies words to a new case: those two are
erased together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from cases import events as e

Tie = (
    e.CaseMerged | e.MergedIn | e.MergedHeard | e.MergeTakenBack | e.CaseLinked | e.LinkRemoved | e.CaseSplit
    | e.SplitOff | e.SplitTakenBack
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ties:
    """into: where this case goes on. joined: cases that go on in this one. linked: those shown beside it.

    splits: what went to cases of its own. origin: the case that this one was split off. kin: every case that holds, or
    held, words of this one.
    """

    into: e.CaseMerged | None = None
    joined: tuple[e.MergedIn, ...] = ()
    linked: tuple[e.CaseLinked, ...] = ()
    splits: tuple[e.CaseSplit, ...] = ()
    origin: e.SplitOff | None = None
    kin: tuple[str, ...] = ()

    @property
    def regrouped(self) -> bool:
        """Whether a person put it together or took it apart: the machine then does no more than read."""
        return bool(self.joined or self.splits or self.origin)

    @property
    def danger(self) -> bool:
        return any(one.danger for one in self.joined)

    @property
    def parent(self) -> e.CaseLinked | None:
        return next((one for one in self.linked if one.relation == "parent"), None)

    @property
    def returned(self) -> bool:
        """Whether what was split off is back in the case that it came from."""
        return self.into is not None and self.origin is not None and self.into.into == self.origin.case

    def kept(self, heard: Sequence[e.MessageAdded]) -> tuple[e.MessageAdded, ...]:
        """Of everything that was ever said, what is this case's own by now."""
        gone = {id_ for one in self.splits for id_ in one.messages}
        if self.returned and self.origin is not None:
            gone.update(self.origin.messages)
        files = {id_ for one in self.splits for id_ in one.files}
        left = (one for one in heard if one.message_id not in gone)
        return tuple(replace(one, files=tuple(file for file in one.files if file.id not in files)) for one in left)


UNTIED = Ties()


def tied(ties: Ties, event: Tie) -> Ties:  # noqa: PLR0911  # one branch an event, nothing else
    """The ties after one more event."""
    match event:
        case e.CaseMerged():
            return replace(ties, into=event)
        case e.MergedIn():
            return replace(ties, joined=(*ties.joined, event))
        case e.MergedHeard(case=other, danger=danger):
            told = (replace(one, danger=one.danger or danger) if one.case == other else one for one in ties.joined)
            return replace(ties, joined=tuple(told))
        case e.MergeTakenBack(case=other):
            apart = tuple(one for one in ties.joined if one.case != other)
            return replace(ties, into=None, joined=apart)
        case e.CaseLinked():
            return replace(ties, linked=(*ties.linked, event))
        case e.LinkRemoved(case=other, relation=relation):
            left = tuple(one for one in ties.linked if (one.case, one.relation) != (other, relation))
            return replace(ties, linked=left)
        case e.CaseSplit(case=other):
            return replace(ties, splits=(*ties.splits, event), kin=(*ties.kin, other))
        case e.SplitOff(case=other):
            return replace(ties, origin=event, kin=(*ties.kin, other))
        case e.SplitTakenBack(case=other):
            return replace(ties, splits=tuple(one for one in ties.splits if one.case != other))
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)
