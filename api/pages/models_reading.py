"""How the topics of a journey stand, as the page of the models needs it."""

from collections.abc import Sequence

from api.pages.models_facts import Audited, AuditPoint, RiskPoint, State, TopicFacts
from cases import events as e
from cases.case import Entry
from pipelines.auditing import TopicState, standing_of
from pipelines.house import House

_STATES = {"certified": State.CERTIFIED, "shadow": State.BLIND, "shut": State.SHUT}


def topics_of(house: House, journey: str, history: Sequence[Entry], *, language: str) -> list[TopicFacts]:
    """One for each topic that may close by itself, in the journey's order. history: of the stream of the models."""
    folder, states = house.journeys.get(journey), standing_of(house, journey)
    version = house.texts.version(journey)
    return [
        _facts(
            state,
            folder.worded(folder.journey.topics[state.topic].title, language),
            challenger_needs=_of_challenger(history, state, version) if state.state == "certified" else None,
        )
        for state in states
    ]


def _facts(state: TopicState, title: str, *, challenger_needs: int | None) -> TopicFacts:
    return TopicFacts(
        key=state.topic,
        title=title,
        state=_STATES[state.state],
        alpha=state.alpha,
        delta=state.delta,
        level=state.level,
        certificate=state.certificate or "",
        since=state.issued_at,
        why=state.shut_because,
        threshold=state.threshold,
        n=state.n,
        k=state.k,
        upper=state.upper,
        needs=state.needs,
        challenger_needs=challenger_needs,
        curve=tuple(RiskPoint(one.coverage, one.threshold, one.observed, one.upper) for one in state.curve),
        audited=_audited(state) if state.certificate else None,
        delays=dict(state.delays),
        volume=state.closed_a_day,
        label_delay=state.label_delay_days,
        simulated=state.simulated,
    )


def _audited(state: TopicState) -> Audited:
    return Audited(
        decided=state.audited,
        wrong=state.errors,
        waiting=state.waiting,
        share=state.share,
        limit=state.limit,
        broken=1 / state.level,
        series=tuple(AuditPoint(i + 1, one.e, one.detector) for i, one in enumerate(state.audits)),
    )


def _of_challenger(history: Sequence[Entry], state: TopicState, version: str) -> int | None:
    """What the version that was tried last still needs; None when that is the serving one, or it is certified."""
    for entry in reversed(history):
        event = entry.event
        if isinstance(event, e.CertificationTried) and (event.journey, event.topic) == (state.journey, state.topic):
            return event.needs if event.model_digest != version and not event.certified else None
    return None
