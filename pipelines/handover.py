"""Orders as JSON files for the organisation's own systems to pick up: the embedded default. webhook.py sends them."""

from pathlib import Path
from typing import Any

import orjson

from cases.errors import CaseError
from cases.events import HandoverAsked
from pipelines.files import write_once


class HandoverUnset(CaseError):
    """The settings do not say where orders go, or by which secret."""


def written(order: HandoverAsked, reference: str) -> dict[str, Any]:
    """What an order says, whichever way it goes."""
    return {
        "id": order.id,
        "order": order.order,
        "option": order.option,
        "reference": reference,
        "facts": dict(order.facts),
    }


class FileHandover:
    """One file an order at folder/<case>/<order id>.json; a repeat finds the file and changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:
        data = orjson.dumps(written(order, reference), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        write_once(self._folder / case_id / f"{order.id}.json", data)
        return order.id
