"""What became of what language models said, read from the log: what people kept, and who was right in shadow.

An answer counts once, however many statements it holds: as discarded where people threw away at least half of what
they judged of it, as kept where they kept all of that, else as edited. A case counts once in a comparison.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import fmean, median
from typing import Any, Literal

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case, Entry, apply
from cases.facts import best
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Help
from models.paired import Paired, Share, paired, share
from pipelines.assistant.advising import Advice, Figures, Switch, advise
from pipelines.assistant.helps.opinion import opinion_of, topic_by_person, topic_by_twin
from pipelines.assistant.taking import Verdict
from pipelines.assistant.tallying import Calls, Tally, paired_json, share_json
from pipelines.house import House
from pipelines.learned_dates import histories_of

Mode = Literal["shadow", "shown"]
COMPARED = (Help.FACTS, Help.OPINION)  # what has a twin that is right or wrong
BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One kind of help in one journey.

    said: answers with a statement left. judged: answers by what people did with them. distances: characters that were
    changed for each character that was offered, of texts that were taken over. compared: cases in which the language
    model (one) and its twin (other) were right. alone: values that only the language model had right; against: those
    that it said otherwise where its twin was right. advice: what to do, by all this.
    """

    journey: str
    task: Help
    switch: Switch
    calls: Calls
    said: int
    judged: Mapping[Verdict, int]
    distances: tuple[float, ...]
    compared: Mapping[Mode, Paired]
    alone: int
    against: int
    advice: Advice

    def share_of(self, verdict: Verdict) -> Share:
        return share(self.judged.get(verdict, 0), sum(self.judged.values()))

    def as_json(self) -> dict[str, Any]:
        return {
            "journey": self.journey,
            "task": str(self.task),
            "switch": self.switch,
            **self.calls.as_json(),
            "said": self.said,
            "judged": {verdict: share_json(self.share_of(verdict)) for verdict in ("kept", "edited", "discarded")},
            "distance_mean": fmean(self.distances) if self.distances else None,
            "distance_median": median(self.distances) if self.distances else None,
            "compared": {mode: paired_json(found) for mode, found in self.compared.items()},
            "found_alone": self.alone,
            "said_against": self.against,
            "advice": self.advice.do,
            "because": self.advice.why,
            "p": self.advice.p,
        }


@dataclass(slots=True)
class _Found:
    """Of one kind of help, as cases go by. compared: whether it and its twin were right, a pair a case."""

    tally: Tally = field(default_factory=Tally)
    said: int = 0
    judged: Counter[Verdict] = field(default_factory=Counter)
    distances: list[float] = field(default_factory=list)
    compared: dict[Mode, list[tuple[bool, bool]]] = field(default_factory=lambda: defaultdict(list))
    alone: int = 0
    against: int = 0


def accepted(house: House, journey: str, *, back: timedelta = BACK) -> list[Accepted]:
    """Of cases that came in since then, the newest 5,000 of the journey; help that was never asked for is left out."""
    folder = house.journeys.get(journey)
    return count(folder, histories_of(house, journey, since=house.now() - back))


def count(folder: JourneyFolder, histories: Iterable[tuple[str, Sequence[Entry]]]) -> list[Accepted]:
    """The same of these cases, a few of which are in memory at a time. In the order of `Help`."""
    found: dict[Help, _Found] = defaultdict(_Found)
    for case_id, entries in histories:
        if any(isinstance(entry.event, e.LlmCalled | e.AssistantSaid) for entry in entries):
            _note(found, case_id, entries, folder)
    return [_told(folder, task, found[task]) for task in Help if task in found]


def _told(folder: JourneyFolder, task: Help, of: _Found) -> Accepted:
    switch = folder.journey.assistant
    now: Switch = switch.helps.get(task, "off") if switch is not None and switch.consent else "off"
    calls = of.tally.calls
    compared: dict[Mode, Paired] = {mode: paired(pairs) for mode, pairs in of.compared.items()}
    figures = Figures(
        now,
        calls.failed,
        share(min(of.said, calls.made), calls.made),
        share(of.judged["discarded"], sum(of.judged.values())),
        compared.get("shadow", Paired()) if task in COMPARED else None,
    )
    return Accepted(
        folder.name, task, now, calls, of.said, dict(of.judged), tuple(of.distances), compared, of.alone, of.against,
        advise(figures),
    )  # fmt: skip


def _note(found: dict[Help, _Found], case_id: str, entries: Sequence[Entry], folder: JourneyFolder) -> None:
    said: dict[str, e.AssistantSaid] = {}
    judged: dict[str, dict[int | None, e.AssistantJudged]] = defaultdict(dict)
    for entry in entries:
        match entry.event:
            case e.LlmCalled(task=task) as called:
                found[task].tally.add(called)
            case e.AssistantSaid(task=task) as one:
                said[one.said_id] = one
                found[task].tally.add(one)
                found[task].said += bool(one.lines)
            case e.AssistantJudged() as one:
                judged[one.said_id][one.line] = one
            case _:
                pass
    for said_id, parts in judged.items():
        if said_id in said:
            _note_judged(found[said[said_id].task], list(parts.values()))
    decided, case = _decided(case_id, entries)
    if decided is not None:
        _note_facts(found, decided, folder)
    _note_opinion(found, case)


def _note_judged(found: _Found, parts: Sequence[e.AssistantJudged]) -> None:
    found.judged[verdict_of(parts)] += 1
    found.distances += [one.distance / one.length for one in parts if one.length and one.verdict != "discarded"]


def verdict_of(parts: Sequence[e.AssistantJudged]) -> Verdict:
    """On an answer as a whole; parts: at least one, the newest word on each part of it."""
    discarded = sum(one.verdict == "discarded" for one in parts)
    if 2 * discarded >= len(parts):
        return "discarded"
    return "kept" if all(one.verdict == "kept" for one in parts) else "edited"


# --- who was right ----------------------------------------------------------------------------------------------------


def _note_opinion(found: dict[Help, _Found], case: Case) -> None:
    """Against the topic that a person named, or let stand although it stood before them."""
    truth, said = topic_by_person(case), opinion_of(case)
    if truth is not None and said is not None:
        right = (said.lines[0].about == truth, topic_by_twin(case) == truth)
        found[Help.OPINION].compared[_mode(said)].append(right)


def _note_facts(found: dict[Help, _Found], decided: Case, folder: JourneyFolder) -> None:
    """Against what was known when a person first decided. Only values that it gave: what it left out harms nobody."""
    said = next((one for one in decided.assisted.said if one.task is Help.FACTS), None)
    if said is None:
        return
    alone = against = wrong = compared = 0
    for name in folder.journey.facts:
        model, known = {line.text for line in said.lines if line.about == name}, best(decided.facts, name)
        if not model or known is None:
            continue
        right, twin = known.value in model, f"{name}={known.value}" in said.twin
        compared += 1
        alone += right and not twin
        against += twin and not right
        wrong += not right
    if compared:
        found[Help.FACTS].alone += alone
        found[Help.FACTS].against += against
        found[Help.FACTS].compared[_mode(said)].append(_of_case(alone, against, wrong))


def _of_case(alone: int, against: int, wrong: int) -> tuple[bool, bool]:
    """Values of one case hang together: they are one trial, which goes to who had more of them right."""
    if alone == against:
        return (wrong == 0,) * 2
    return (alone > against, against > alone)


def _decided(case_id: str, entries: Sequence[Entry]) -> tuple[Case | None, Case]:
    """The case as it stood before a person first decided it, None when nobody did; and as it stands now."""
    first, case = None, Case(case_id)
    for entry in entries:
        if first is None and isinstance(entry.event, e.HumanDecided):
            first = case if entry.event.choice not in (NEED_MORE, ESCALATE) else None
        case = apply(case, entry)
    return first, case


def _mode(said: e.AssistantSaid) -> Mode:
    return "shadow" if said.shadow else "shown"
