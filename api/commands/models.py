"""casewright models: train, measure, certify and choose the models that read messages and photos."""

from dataclasses import asdict, replace
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.certification import certify, reopen, shut
from api.commands.common import AsJson, emit, fail, out, show, the_house, told
from configs.settings import Settings
from models import registry
from models.drift import Finding
from models.evaluate import Report
from models.noise import WORST
from models.text import TextModel
from pipelines.choosing import COMMAND_LINE, promote_version, roll_back
from pipelines.drift import Look, look
from pipelines.journeys import load_journeys
from pipelines.named_models import (
    Trained,
    UnknownJourney,
    evaluate_file,
    find_model,
    predict_file,
    train_by_name,
    train_for_journey,
)
from pipelines.photo_jobs import (
    evaluate_photo_file,
    find_photo_model,
    predict_photo_file,
    train_photos_by_name,
    train_photos_for_journey,
)
from pipelines.proposing import propose as propose_cases
from pipelines.retrain import retrain
from pipelines.shadow import agreement

app = typer.Typer(name="models", help="The models that read messages and photos.", no_args_is_help=True)
OUTSIDE = "out of scope"
WEAKEST = 5  # labels shown to people; --json has all


class Kind(StrEnum):
    """What a model reads."""

    TEXT = auto()
    PHOTO = auto()


KindOf = Annotated[Kind, typer.Option(help="What it reads.")]
Name = Annotated[str | None, typer.Option(help="The name of the model.")]
OfJourney = Annotated[str | None, typer.Option("--journey", help="The journey whose model it is.")]
Data = Annotated[
    Path,
    typer.Option(
        exists=True, dir_okay=False, help="CSV text,label[,language][,group], or path,label[,group] of photos."
    ),
]


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Every version of every model, and which serves."""
    found = registry.list_models(Settings().model_root)
    rows = [_listed(one) for one in found]
    if any(one.is_challenger for one in found):
        _tell_agreement(rows)
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("kind", "name", "version", "serves", "waits", "n", "accuracy", "ece", "agreement")
    show(columns, [[_cell(row[column]) for column in columns] for row in rows])


def _listed(one: registry.Registered) -> dict[str, Any]:
    report = one.card.get("report", {})
    return {
        "kind": one.kind,
        "name": one.name,
        "version": one.version,
        "serves": one.is_current,
        "waits": one.is_challenger,
        "agreement": None,
        **{figure: report.get(figure) for figure in ("n", "accuracy", "macro_f1", "ece", "oos_auroc", "method")},
    }


def _tell_agreement(rows: list[dict[str, Any]]) -> None:
    """Of each version that waits: the share of live cases that it read as the serving version did."""
    with the_house() as house:
        for row in rows:
            if row["waits"] and row["kind"] == Kind.TEXT and row["name"] in house.journeys.folders:
                row["agreement"] = agreement(house, row["name"]).share


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


@app.command()
def train(
    kind: KindOf = Kind.TEXT,
    journey: OfJourney = None,
    name: Name = None,
    data: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV; the journey's own messages when left out."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Train, report what it is worth on groups it had not seen, and let it serve."""
    _one_of(journey, name)
    with told():
        if kind is Kind.PHOTO:
            trained = _train_photos(journey, name, data)
        elif journey is not None:
            with the_house() as house:
                trained = train_for_journey(house, journey, data)
        elif data is None:
            fail("--data is missing; give a CSV text,label, or --journey to train on its own examples")
        else:
            trained = train_by_name(Settings(), str(name), data)
    if as_json:
        emit(trained.report.as_json() | ({"label_noise": trained.noise} if trained.noise else {}))
        return
    _tell(trained.report, as_json=False)
    _tell_noise(trained.noise)


def _train_photos(journey: str | None, name: str | None, data: Path | None) -> Trained:
    if data is None:
        fail("--data is missing; give a CSV path,label: no journey comes with photos to train on")
    if journey is None:
        return train_photos_by_name(Settings(), str(name), data)
    with the_house() as house:
        return train_photos_for_journey(house, journey, data)


@app.command()
def evaluate(
    data: Data,
    kind: KindOf = Kind.TEXT,
    name: Name = None,
    journey: OfJourney = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Hold the serving model against a labelled file."""
    _one_of(journey, name)
    with told():
        if kind is Kind.PHOTO:
            photo_model = find_photo_model(Settings(), name or str(journey))
            report = evaluate_photo_file(photo_model, data, Settings())
        else:
            report = evaluate_file(_model(name, journey), data)
    _tell(replace(report, version=_version(kind, name or str(journey))), as_json=as_json)


@app.command()
def predict(
    data: Data,
    kind: KindOf = Kind.TEXT,
    name: Name = None,
    journey: OfJourney = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """What the serving model makes of each row; the label column may be left out."""
    _one_of(journey, name)
    if kind is Kind.PHOTO:
        _predict_photos(data, name or str(journey), as_json=as_json)
        return
    with told():
        predictions = predict_file(_model(name, journey), data)
    if as_json:
        for one in predictions:
            emit({"label": one.label, "confidence": one.confidence, "scope": one.scope, "top": one.top})
        return
    show(("label", "confidence", "scope"), [(p.label, _cell(p.confidence), p.scope) for p in predictions])


def _predict_photos(data: Path, name: str, *, as_json: bool) -> None:
    with told():
        predictions = predict_photo_file(find_photo_model(Settings(), name), data, Settings())
    if as_json:
        for one in predictions:
            emit({field: getattr(one, field) for field in ("label", "confidence", "scope", "abstains", "top")})
        return
    rows = [(p.label, _cell(p.confidence), p.scope, _cell(p.abstains)) for p in predictions]
    show(("label", "confidence", "scope", "abstains"), rows)


def _model(name: str | None, journey: str | None) -> TextModel:
    _one_of(journey, name)
    return find_model(Settings(), name=name, journey=journey)


def _one_of(journey: str | None, name: str | None) -> None:
    if (journey is None) == (name is None):
        fail("give either --journey, for a journey's model, or --name, for one of its own")


def _version(kind: Kind, name: str) -> str:
    return registry.current(Settings().model_root, kind, name).name


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        emit(report.as_json())
        return
    out.print(f"{report.name} {report.version}: {report.method}", markup=False)
    figures = ("n", "accuracy", "macro_f1", "ece", "oos_auroc")
    shares = {f"coverage at error {alpha}": share for alpha, share in report.coverage_at.items()}
    shares |= {f"accuracy of the surest {share}": right for share, right in report.accuracy_at_coverage.items()}
    show(
        ("figure", "value"),
        [(f, _cell(getattr(report, f))) for f in figures] + [(k, _cell(v)) for k, v in shares.items()],
    )
    weakest = sorted(report.per_class.items(), key=lambda one: one[1]["f1"])[:WEAKEST]
    columns = ("n", "precision", "recall", "f1")
    show(("weakest labels", *columns), [(label, *(_cell(of[c]) for c in columns)) for label, of in weakest])
    if report.unknown_labels:
        out.print(f"Labels it does not know, counted wrong: {', '.join(report.unknown_labels)}", markup=False)


def _tell_noise(found: dict[str, Any] | None) -> None:
    """The worst of the labels that are probably wrong; --json has more."""
    if not found or not found["suspicious"]:
        return
    out.print(f"Labels that are probably wrong: {found['suspicious']} of {found['looked_at']}.", markup=False)
    columns = ("id", "given", "likely", "score")
    show(columns, [[_cell(one[column]) for column in columns] for one in found["worst"][:WORST]])


for _command in (certify, shut, reopen):
    app.command()(_command)


By = Annotated[str, typer.Option(help="Who decides this, as in users list.")]
Why = Annotated[str, typer.Option(help="Kept in the log of a journey's model.")]


@app.command(name="retrain")
def retrain_(
    journey: Annotated[str, typer.Option(help="The journey whose model it is.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Train a challenger on people's decisions, compare it, and let it serve if it is better and may."""
    with told(), the_house() as house:
        done = retrain(house, journey, by=by)
    if as_json:
        emit(asdict(done))
        return
    found = done.comparison
    shares = f", right {found.champion:.3f} before and {found.challenger:.3f} now" if found else ""
    out.print(f"{done.outcome}: {done.because}", markup=False)
    out.print(f"{done.version or done.before}: {done.labels} labels{shares}", markup=False)
    _tell_noise(done.label_noise)


@app.command()
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


@app.command()
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
    rows = [(one.name, one.value or OUTSIDE, _cell(one.n), _cell(one.same / one.n)) for one in found.slices]
    show(("slice", "value", "cases", "same"), rows)
    show(
        ("read as", "in shadow", "cases"),
        [(one or OUTSIDE, two or OUTSIDE, _cell(n)) for one, two, n in found.differing],
    )


@app.command()
def promote(name: str, version: str, kind: KindOf = Kind.TEXT, by: By = COMMAND_LINE, why: Why = "") -> None:
    """Let another version serve; programs that run take a text model up within seconds."""
    settings = Settings()
    with told():
        if _is_of_journey(settings, name, kind):
            with the_house() as house:
                promote_version(house, name, version, by=by, why=why)
        else:
            registry.promote(settings.model_root, kind, name, version)
    out.print(f"{kind} model {name}: {version} serves.", markup=False)


@app.command()
def rollback(name: str, kind: KindOf = Kind.TEXT, by: By = COMMAND_LINE, why: Why = "") -> None:
    """Let the version serve that served before."""
    settings = Settings()
    with told():
        if _is_of_journey(settings, name, kind):
            with the_house() as house:
                path = roll_back(house, name, by=by, why=why)
        else:
            path = registry.rollback(settings.model_root, kind, name)
    out.print(f"{kind} model {name}: {path.name} serves again.", markup=False)


def _is_of_journey(settings: Settings, name: str, kind: Kind) -> bool:
    """Whose moves are noted in the log; any other name needs no house."""
    return kind is Kind.TEXT and name in load_journeys(settings).folders


@app.command()
def drift(
    journey: Annotated[str | None, typer.Option(help="All journeys when left out.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Whether what came in until midnight (UTC) still is what the serving models began with; one row a measure."""
    with told(), the_house() as house:
        if journey is not None and journey not in house.journeys.folders:
            raise UnknownJourney(journey, house.journeys.names())
        looks = [look(house, name) for name in ([journey] if journey else house.journeys.names())]
    rows = [_drift_row(one, found) for one in looks for found in one.findings]
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("journey", "measure", "reference_n", "recent_n", "value", "usual", "p", "level")
    show((*columns, "verdict"), [[*(_small(row[column]) for column in columns), row["verdict"]] for row in rows])
    for name in [one.journey for one in looks if not one.findings]:
        out.print(f"{name}: no model serves it yet; casewright models train --journey {name}", markup=False)


def _drift_row(looked: Look, found: Finding) -> dict[str, Any]:
    return {
        "journey": looked.journey,
        "model_version": looked.model_version,
        "measure": str(found.measure),
        "reference_n": found.reference_n,
        "recent_n": found.recent_n,
        "value": found.value,
        "usual": found.usual,
        "p": found.p,
        "level": found.level,
        "drifts": found.drifts,
        "needs": found.needs,
        "verdict": f"too few to say, {found.needs} more" if found.needs else "drifts" if found.drifts else "steady",
    }


def _small(value: object) -> str:
    """As _cell, for chances far under a thousandth."""
    return f"{value:.2g}" if isinstance(value, float) else _cell(value)
