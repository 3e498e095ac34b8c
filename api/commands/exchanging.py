"""casewright rules run FILE.dmn: decisions as other tools write them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.commands.common import fail
from models.later import Later

dmn_run = Later("pipelines.exchange.dmn_run")  # the other commands of rules need no reader of XML


def is_dmn(name: str) -> bool:
    return name.lower().endswith(".dmn")


def dmn_answers(name: str, inputs: Path, decision: str | None) -> Iterator[dict[str, Any]]:
    """What a DMN model says about each object of a JSON file, checked whole before the first line is printed."""
    path = Path(name)
    if not path.is_file():
        fail(f"there is no file {name}; name a .dmn file")
    given = read_exact(inputs)
    try:
        runnable = dmn_run.read_dmn(path.read_bytes(), file=path.name, decision=decision)
        objects = given if isinstance(given, list) else [given]
        answers = [_answer(runnable, one, f"{inputs.name}[{number}]") for number, one in enumerate(objects)]
    except dmn_run.DmnRefused as refused:
        fail(str(refused))
    yield from answers


def _answer(runnable: Any, given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        fail(f'{place} is not an object; write {{"input": value, …}} for one case, or a list of those')
    answer: dict[str, Any] = dmn_run.decide(runnable, given, place=f"{place} ").as_dict()
    return answer


def read_exact(path: Path) -> Any:
    """JSON with its fractions as exact decimals."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        fail(f"{path.name} is not UTF-8 at byte {error.start}; save it as UTF-8")
    except json.JSONDecodeError as error:
        fail(f"{path.name}, line {error.lineno}: {error.msg}; correct the JSON")
    except (RecursionError, ValueError) as error:
        fail(f"{path.name}: {error}; correct the JSON")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
