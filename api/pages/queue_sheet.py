"""The rows of the queue as a CSV file for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from api.pages.queue_view import QueueRow
from api.pages.templating import percent
from api.pages.times import Say

#: The columns of the page, in its order.
HEADS = (
    "case",
    "age",
    "subject",
    "customer",
    "photos",
    "flags",
    "advice",
    "certainty",
    "amount",
    "due",
    "waiting",
    "who",
)
#: A spreadsheet takes what begins so for a formula; the last four are how East Asian keyboards write the first four.
_RISKY = ("=", "+", "-", "@", "'", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sheet_lines(say: Say, rows: Iterable[QueueRow]) -> list[list[str]]:
    return [
        [
            row.reference,
            row.age,
            row.title,
            row.tell,
            str(row.photos),
            ", ".join(flag.text for flag in row.flags),
            row.advice,
            "" if row.confidence is None else f"{percent(row.confidence)}%",
            row.amount,
            say("queue.due_cell", left=row.due.text, at=row.due.title) if row.due else "",
            row.waiting,
            row.assignee or "",
        ]
        for row in rows
    ]


def sheet(lines: Iterable[Sequence[str]]) -> str:
    """Lines of CSV (RFC 4180); no cell of them is run as a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_guarded(cell) for cell in line] for line in lines)
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_RISKY) else cell
