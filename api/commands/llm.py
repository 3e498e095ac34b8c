"""casewright llm: whether a language model helps, by labelled messages and by what people made of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.progress import Progress

from api.commands.common import AsJson, counted, emit, err, fail, out, show, the_house, told, writing
from api.pages.models_assistant import because
from api.pages.spoken import Spoken
from cases.vocabulary import Help
from models.paired import Paired, Share
from pipelines.assistant.acceptance import BACK, Accepted, accepted
from pipelines.assistant.evaluating import CASES, EvaluationReport, TaskReport, Tried, evaluate, report
from pipelines.assistant.labelled import DataFile, LabelledMessage, read_labelled
from pipelines.assistant.tallying import Calls
from pipelines.house import House
from pipelines.journeys import load_words
from pipelines.named_models import UnknownJourney

app = typer.Typer(
    name="llm", help="The language model that reads along: is it any good, and do people use it.", no_args_is_help=True
)
OfJourney = Annotated[str | None, typer.Option("--journey", help="The journey; its only one may be left out.")]


@app.command("evaluate")
def evaluate_(
    *,
    data: Annotated[
        Path,
        typer.Option(
            exists=True,
            help="Labelled messages: a .csv or .jsonl file, or a folder of them. Columns: text; topic (or label; oos: "
            "no topic of the journey); fact.NAME, blank where the message does not state it; language; question. All "
            "but text may be missing. A journey's own examples are of this form.",
        ),
    ],
    journey: OfJourney = None,
    task: Annotated[list[Help] | None, typer.Option(help="Facts and opinion when left out; may be repeated.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many messages.")] = None,
    to: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write the report there, as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the language model about labelled messages, and hold it against the product's own reading of the same.

    Nothing is stored. What is asked counts in the budget of the day, and ends with it; so does Ctrl-C, after which
    what was done so far is told.
    """
    with told(), the_house() as house:
        name = _journey(house, journey)
        messages, files = read_labelled(data, house.journeys.get(name))
        tasks = _tasks(task, messages)
        found = _evaluated(house, name, messages[:limit], tasks, files)
    if to is not None:
        with writing(to):
            to.write_bytes(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if as_json:
        emit(found.as_json())
    else:
        _tell(found)


def _journey(house: House, journey: str | None) -> str:
    names = house.journeys.names()
    if journey is None and len(names) > 1:
        fail(f"name the journey with --journey: {', '.join(names)}")
    if journey is not None and journey not in names:
        raise UnknownJourney(journey, names)
    return journey or names[0]


def _tasks(asked: Sequence[Help] | None, messages: Sequence[LabelledMessage]) -> list[Help]:
    """As asked for, else those for which there are labels."""
    labelled = {Help.FACTS: any(one.facts for one in messages), Help.OPINION: any(one.topic for one in messages)}
    tasks = list(dict.fromkeys(asked)) if asked else [task for task, has_label in labelled.items() if has_label]
    if not tasks:
        fail("no message has a label; add a column topic or fact.NAME, or name what is to be tried with --task")
    return tasks


def _evaluated(
    house: House, journey: str, messages: Sequence[LabelledMessage], tasks: Sequence[Help], files: Sequence[DataFile]
) -> EvaluationReport:
    tried: list[Tried] = []
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        bar = progress.add_task("Questions", total=len(messages) * len(tasks))
        try:
            for one in evaluate(house, journey, messages, tasks):
                tried.append(one)
                progress.advance(bar)
        except KeyboardInterrupt:
            err.print("Stopped; what was done so far follows.")
    return report(house, journey, tried, messages, files)


def _tell(found: EvaluationReport) -> None:
    for one in found.tasks:
        _tell_task(one)
    if not found.whole:
        held = any(one.calls.made < one.calls.n for one in found.tasks)
        why = " The budget of the day is used up, or the endpoint failed too often; go on later." if held else ""
        out.print(f"Stopped early, after {counted(found.messages, 'message')}.{why}", markup=False)
    if found.known:
        out.print(
            f"{found.known} of {counted(found.messages, 'message')} are examples of the journey: its own reading was "
            "trained on them, and the language model is shown some. Figures on them flatter both.",
            markup=False,
        )
    out.print(
        "Figures flatter where a prompt was written, or a model chosen, with these very messages in view: keep some "
        "that nobody looked at.",
        markup=False,
    )


def _tell_task(one: TaskReport) -> None:
    calls = one.calls
    out.print(
        f"{one.task}: model {', '.join(calls.models) or '-'}, prompt {', '.join(calls.prompts) or '-'}", markup=False
    )
    if one.compared:
        columns = ("of", "n", "model right", "own reading right", "both", "only model", "only own", "neither", "p")
        show(columns, [(name, *_compared(found)) for name, found in one.compared.items()])
    show(
        ("messages", "nothing to ask", *_CALLS, "tokens in", "tokens out", f"euros / {CASES:,} cases"),
        [(one.asked, one.nothing_to_ask, *_calls(calls), *_each(calls, one.asked), one.cost)],
    )


_CALLS = ("calls", "outcomes", "statements", "dropped", "p50 ms", "p95 ms")


def _calls(calls: Calls) -> tuple[object, ...]:
    outcomes = ", ".join(f"{outcome} {count}" for outcome, count in calls.outcomes.items())
    took = (value if value is not None else "" for value in (calls.p50, calls.p95))
    return (calls.n, outcomes, calls.lines, calls.dropped, *took)


def _each(calls: Calls, messages: int) -> tuple[str, str]:
    return (f"{calls.tokens_in / messages:.0f}", f"{calls.tokens_out / messages:.0f}") if messages else ("", "")


def _compared(found: Paired) -> tuple[object, ...]:
    counts = (found.both, found.only_one, found.only_other, found.neither)
    return (found.n, _share(found.one), _share(found.other), *counts, f"{found.p:.3g}")


def _share(found: Share) -> str:
    return "" if found.value is None else f"{found.value:.1%} ({found.low:.1%}-{found.high:.1%})"


@app.command("report")
def report_(
    journey: Annotated[str | None, typer.Option(help="All journeys when left out.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Cases that came in during so many days.")] = BACK.days,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """What was asked on live cases, what people made of it, who was right in shadow, and what to do about it."""
    with told(), the_house() as house:
        names = house.journeys.names() if journey is None else (_journey(house, journey),)
        found = [one for name in names for one in accepted(house, name, back=timedelta(days=days))]
        zone = house.zone
    if as_json:
        for one in found:
            emit(one.as_json())
        return
    if not found:
        out.print(f"No language model was asked on cases of the last {counted(days, 'day')}.", markup=False)
        return
    _tell_accepted(found, zone)


def _tell_accepted(found: Sequence[Accepted], zone: ZoneInfo) -> None:
    spoken = Spoken(_say, "en", zone)
    named = ("journey", "task", "now")
    show(
        (*named, *_CALLS, "tokens in", "tokens out", "euros"),
        [
            (*_named(one), *_calls(one.calls), one.calls.tokens_in, one.calls.tokens_out, one.calls.cost)
            for one in found
        ],
    )
    judged = [one for one in found if one.judged]
    if judged:
        show((*named, "kept", "edited", "discarded", "changed, mean", "median"), [_judged(one) for one in judged])
    compared = [(one, mode, pairs) for one in found for mode, pairs in one.compared.items()]
    if compared:
        columns = ("cases", "model right", "own reading right", "both", "only model", "only own", "neither", "p")
        show(
            (*named[:2], "people were", *columns, "found alone", "said against"),
            [(*_named(one)[:2], mode, *_compared(pairs), one.alone, one.against) for one, mode, pairs in compared],
        )
    for one in found:
        advice = f"{_say(f'models.assistant.do.{one.advice.do}')}: {because(one.advice, spoken)}"
        out.print(f"{one.journey} {one.task}: {advice}", markup=False)


def _named(one: Accepted) -> tuple[str, str, str]:
    return (one.journey, str(one.task), one.switch)


def _judged(one: Accepted) -> tuple[object, ...]:
    told = one.as_json()
    changed = (
        f"{value:.0%}" if value is not None else "" for value in (told["distance_mean"], told["distance_median"])
    )
    return (*_named(one), *(_share(one.share_of(verdict)) for verdict in ("kept", "edited", "discarded")), *changed)


def _say(key: str, **parts: Any) -> str:
    return _words()[key].format_map(parts)


@cache
def _words() -> Mapping[str, str]:
    return load_words(("en",))["en"]
