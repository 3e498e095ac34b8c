"""What language models said of a case, and what people made of it. Pure; nothing is decided on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cases import events as e
from cases.vocabulary import Help, LlmOutcome


@dataclass(frozen=True, slots=True)
class Assisted:
    """said: the newest of each help and question, in the order in which they came. calls: the newest of each help.

    tokens: of all calls. judged: what people did with what was said, the newest word on each part of it.
    """

    said: tuple[e.AssistantSaid, ...] = ()
    calls: tuple[e.LlmCalled, ...] = ()
    tokens: int = 0
    judged: tuple[e.AssistantJudged, ...] = ()

    def newest(self, task: Help, question: str = "") -> e.AssistantSaid | None:
        """What people may be shown of this help; None in shadow, and before anything was said."""
        said = next((one for one in self.said if (one.task, one.question) == (task, question)), None)
        return None if said is None or said.shadow else said

    def shown(self, said_id: str) -> e.AssistantSaid | None:
        """What people may be shown under this id; None in shadow, and of what was said anew since."""
        return next((one for one in self.said if one.said_id == said_id and not one.shadow), None)

    def answered(self, asked: str) -> e.AssistantSaid | None:
        """What was said to this very prompt."""
        return next((one for one in self.said if one.asked == asked), None)

    def verdict(self, said_id: str, line: int | None = None) -> e.AssistantJudged | None:
        """On that line, else on all of it."""
        of_it = [one for one in self.judged if one.said_id == said_id]
        return next((one for one in reversed(of_it) if one.line in (line, None)), None)

    def missing(self) -> tuple[e.LlmCalled, ...]:
        """Calls that gave nothing, of helps that nothing is known of since."""
        return tuple(call for call in self.calls if call.outcome is not LlmOutcome.ANSWERED)


UNASSISTED = Assisted()


def assisted(before: Assisted, event: e.Event) -> Assisted:
    """After one more event; the same one when it changes nothing."""
    match event:
        case e.AssistantSaid():
            others = tuple(one for one in before.said if (one.task, one.question) != (event.task, event.question))
            return replace(before, said=(*others, event))
        case e.LlmCalled():
            others_called = tuple(one for one in before.calls if one.task is not event.task)
            tokens = before.tokens + event.tokens_in + event.tokens_out
            return replace(before, calls=(*others_called, event), tokens=tokens)
        case e.AssistantJudged():
            same = (event.said_id, event.line)
            rest = tuple(one for one in before.judged if (one.said_id, one.line) != same)
            return replace(before, judged=(*rest, event))
        case _:
            return before


def unsourced(lines: Sequence[e.SaidLine]) -> bool:
    """Whether a statement stands there without evidence."""
    return any(not line.sources for line in lines)
