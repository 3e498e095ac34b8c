"""casewright models: train, measure, certify and choose the models that read messages and photos."""

from dataclasses import replace
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.certification import certify, reopen, shut
from api.commands.common import AsJson, emit, fail, figure, out, show, the_house, told
from api.commands.learning import By, propose, retrain, shadow, tell_noise
from configs.settings import Settings
from models import registry
from models.drift import Finding
from models.evaluate import Report
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
    show(columns, [[figure(row[column]) for column in columns] for row in rows])


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
    tell_noise(trained.noise)


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
    show(("label", "confidence", "scope"), [(p.label, figure(p.confidence), p.scope) for p in predictions])


def _predict_photos(data: Path, name: str, *, as_json: bool) -> None:
    with told():
        predictions = predict_photo_file(find_photo_model(Settings(), name), data, Settings())
    if as_json:
        for one in predictions:
            emit({field: getattr(one, field) for field in ("label", "confidence", "scope", "abstains", "top")})
        return
    rows = [(p.label, figure(p.confidence), p.scope, figure(p.abstains)) for p in predictions]
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
        [(f, figure(getattr(report, f))) for f in figures] + [(k, figure(v)) for k, v in shares.items()],
    )
    weakest = sorted(report.per_class.items(), key=lambda one: one[1]["f1"])[:WEAKEST]
    columns = ("n", "precision", "recall", "f1")
    show(("weakest labels", *columns), [(label, *(figure(of[c]) for c in columns)) for label, of in weakest])
    if report.unknown_labels:
        out.print(f"Labels it does not know, counted wrong: {', '.join(report.unknown_labels)}", markup=False)


for _command in (certify, shut, reopen, retrain, propose, shadow):
    app.command()(_command)


Why = Annotated[str, typer.Option(help="Kept in the log of a journey's model.")]


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
    """As figure, for chances far under a thousandth."""
    return f"{value:.2g}" if isinstance(value, float) else figure(value)
