"""casewright models certify, shut, reopen: which topics may close by themselves, and what audits say of those."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import AsJson, emit, fail, figure, out, show, the_house, told
from cases import events as e
from models.certify import LARGEST_ALPHA, certify_once, read_scores
from pipelines.auditing import TopicState, reopen_topic, shut_topic, standing_of
from pipelines.certificates import try_certify
from pipelines.named_models import UnknownJourney

SCORES_KEY = (
    b"casewright models certify --scores"  # nothing secret: a file of scores is looked at, nothing closes by it
)
Scores = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="CSV topic,score,wrong[,group] instead of the house's cases."),
]
By = Annotated[str, typer.Option(help="Who decides this, as in users list.")]
Why = Annotated[str, typer.Option(help="Kept in the log.")]


def certify(
    journey: Annotated[str | None, typer.Option(help="All journeys when left out.")] = None,
    scores: Scores = None,
    *,
    alpha: Annotated[float, typer.Option(help="With --scores: the largest share of errors.")] = 0.01,
    delta: Annotated[float, typer.Option(help="With --scores: how often that may fail to hold.")] = 0.05,
    attempt: Annotated[int, typer.Option(min=1, help="With --scores: which look at these cases this is.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Which topics may close by themselves, how many more correct blind labels the others need, what audits found."""
    with told():
        if scores is None:
            rows = _certified(journey)
        else:
            _check_levels(alpha, delta)
            rows = _certified_scores(scores, alpha=alpha, delta=delta, attempt=attempt)
    if as_json:
        for row in rows:
            emit(row)
        return
    audited = ("audits", "errors", "detector") if scores is None else ()
    columns = ("topic", "n", "tau", "k", "n_above", "upper", *audited)
    show((*columns, "certificate"), [[*(figure(row[column]) for column in columns), _verdict(row)] for row in rows])


def shut(journey: str, topic: str, *, why: Why, by: By = "command line") -> None:
    """Stop a topic from closing by itself, by whatever model; the next such case goes to a person."""
    with told(), the_house() as house:
        closed = shut_topic(house, journey, topic, by=by, why=why)
    out.print(f"{journey}/{topic}: {'shut' if closed else 'does not close by itself; nothing to shut'}.", markup=False)


def reopen(journey: str, topic: str, *, why: Why, by: By = "command line") -> None:
    """Take back that a person shut a topic. What audits shut needs labels gathered since then: models certify."""
    with told(), the_house() as house:
        found = reopen_topic(house, journey, topic, by=by, why=why)
    out.print(f"{journey}/{topic}: {', '.join(found) or 'no certificate'} stands again.", markup=False)


def _verdict(row: dict[str, Any]) -> str:
    if row.get("state") in ("certified", "shut"):
        return str(row["state"])
    return "certified" if row["certified"] else f"{row['needs']} more"


def _check_levels(alpha: float, delta: float) -> None:
    if not 0 < alpha <= LARGEST_ALPHA:
        fail(f"--alpha is {alpha}; it must lie above 0 and not above {LARGEST_ALPHA}")
    if not 0 < delta < 1:
        fail(f"--delta is {delta}; it must lie between 0 and 1")


def _certified_scores(path: Path, *, alpha: float, delta: float, attempt: int) -> list[dict[str, Any]]:
    found = certify_once(read_scores(path), alpha=alpha, delta=delta, key=SCORES_KEY, attempt=attempt)
    fields = ("topic", "n", "tau", "k", "n_above", "upper", "certified", "needs", "delta")
    return [{field: getattr(one, field) for field in fields} for one in found]


def _certified(journey: str | None) -> list[dict[str, Any]]:
    with the_house() as house:
        if journey is not None and journey not in house.journeys.folders:
            raise UnknownJourney(journey, house.journeys.names())
        rows = []
        for name in [journey] if journey else house.journeys.names():
            tried = try_certify(house, name)
            stands = {one.topic: one for one in standing_of(house, name)}
            rows += [_row(one, stands[one.topic]) for one in tried]
    return rows


def _row(one: e.CertificationTried, stands: TopicState) -> dict[str, Any]:
    """certified: what this look found; state: whether the topic closes by itself now."""
    return {
        "journey": one.journey,
        "topic": one.topic,
        "n": one.labels,
        "tau": one.threshold,
        "k": one.errors,
        "n_above": one.above,
        "upper": one.upper,
        "certified": one.certified,
        "needs": one.needs,
        "delta": one.delta,
        "simulated": one.simulated,
        "state": stands.state,
        "certificate": stands.certificate,
        "audits": stands.audited,
        "errors": stands.errors,
        "waiting": stands.waiting,
        "e": stands.e,
        "detector": stands.detector,
        "share": stands.share,
        "audits_to_find": {str(rise): audits for rise, audits in stands.delays},
        "days_to_find": {str(rise): days for rise, days in stands.days_to_find.items()},
        "label_delay_days": stands.label_delay_days,
    }
