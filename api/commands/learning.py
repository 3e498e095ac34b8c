"""casewright models retrain, propose, shadow: models that learn from people's decisions."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.commands.common import AsJson, emit, figure, out, show, the_house, told
from models.noise import WORST
from pipelines.choosing import COMMAND_LINE
from pipelines.named_models import UnknownJourney
from pipelines.proposing import propose as propose_cases
from pipelines.retrain import retrain as train_again
from pipelines.shadow import agreement

OUTSIDE = "out of scope"
By = Annotated[str, typer.Option(help="Who decides this, as in users list.")]


def retrain(
    journey: Annotated[str, typer.Option(help="The journey whose model it is.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Train a challenger on people's decisions, compare it, and let it serve if it is better and may."""
    with told(), the_house() as house:
        done = train_again(house, journey, by=by)
    if as_json:
        emit(asdict(done))
        return
    found = done.comparison
    shares = f", right {found.champion:.3f} before and {found.challenger:.3f} now" if found else ""
    out.print(f"{done.outcome}: {done.because}", markup=False)
    out.print(f"{done.version or done.before}: {done.labels} labels{shares}", markup=False)
    tell_noise(done.label_noise)


def propose(
    journey: Annotated[str, typer.Option(help="The journey whose model is to learn.")],
    n: Annotated[int, typer.Option(min=1, max=500, help="How many cases at most.")] = 20,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Which waiting cases to decide next, so that models learn most and certificates come soonest; with the reason."""
    with told(), the_house() as house:
        found = propose_cases(house, journey, n=n)
    if as_json:
        for one in found:
            emit(asdict(one))
        return
    show(("case", "why"), [(one.reference, "; ".join(one.why)) for one in found])
    if not found:
        out.print(f"No waiting case of {journey} would teach anything in particular.", markup=False)


def shadow(
    journey: Annotated[str, typer.Option(help="The journey whose waiting version it is.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """How the version that waits reads live cases beside the one that serves, by topic, language and channel."""
    with told(), the_house() as house:
        if journey not in house.journeys.folders:
            raise UnknownJourney(journey, house.journeys.names())
        found = agreement(house, journey)
    if as_json:
        emit(asdict(found) | {"share": found.share})
        return
    if not found.version:
        out.print(f"No version waits; casewright models retrain --journey {journey} makes one.", markup=False)
        return
    out.print(f"{found.version}: {found.n} live cases, {found.same} read as by the serving version.", markup=False)
    rows = [(one.name, one.value or OUTSIDE, figure(one.n), figure(one.same / one.n)) for one in found.slices]
    show(("slice", "value", "cases", "same"), rows)
    show(
        ("read as", "in shadow", "cases"),
        [(one or OUTSIDE, two or OUTSIDE, figure(n)) for one, two, n in found.differing],
    )


def tell_noise(found: dict[str, Any] | None) -> None:
    """The worst of the labels that are probably wrong; --json has more."""
    if not found or not found["suspicious"]:
        return
    out.print(f"Labels that are probably wrong: {found['suspicious']} of {found['looked_at']}.", markup=False)
    columns = ("id", "given", "likely", "score")
    show(columns, [[figure(one[column]) for column in columns] for one in found["worst"][:WORST]])
