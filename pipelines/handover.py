"""Orders as JSON files for the organisation's own systems to pick up: the embedded default."""

from pathlib import Path

import orjson

from cases.events import HandoverAsked
from pipelines.files import write_once


class FileHandover:
    """One file an order at folder/<case>/<order id>.json; a repeat finds the file and changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:
        body = {
            "id": order.id,
            "order": order.order,
            "option": order.option,
            "reference": reference,
            "facts": dict(order.facts),
        }
        data = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        write_once(self._folder / case_id / f"{order.id}.json", data)
        return order.id
