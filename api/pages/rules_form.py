"""A table's document as the fields of a form, and back. Pure; nothing that was typed is judged here or lost.

Field names: `says`, `hit`; `r3.id`, `r3.says`, `r3.w0` (when, by input), `r3.t0` (then, by output); the same with
`else`; `i0.name`, `i0.type`, … of an input and `o0.name`, … of an output. The numbers of rows are only names: their
order is the order of the fields. What has no field of its own stays as it was: keys that nobody knows and cells of
columns that are not declared travel along as JSON (`r3.more`), examples and the like stand in the document beneath.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from cases.rules import literal_text
from cases.rules.domains import quoted

Document = dict[str, Any]
ELSE: Final = "else"
#: Keys of a column that have a field of their own; the others stay as they were.
COLUMN_KEYS: Final = ("name", "type", "domain", "min", "max", "from", "nullable", "default", "description")
_ROW_KEYS: Final = ("id", "description", "when", "then")
_ROW = re.compile(r"r([0-9]{1,6})\.(?:id|says|[wt][0-9]{1,4})")
_COLUMN = re.compile(r"([io][0-9]{1,4})\.name")
_ITEM = re.compile(r'\s*((?:[^",]|"(?:[^"\\]|\\["\\])*")*)(,|$)')
_NOT_BARE = re.compile(r'[",\[]')
_QUOTED = re.compile(r'"(?:[^"\\]|\\["\\])*"')


def columns_of(document: Mapping[str, Any], side: str) -> list[Document]:
    """The columns declared under `side` (inputs, outputs), each with its name; of what is no declaration, none."""
    raw = document.get(side)
    if isinstance(raw, Mapping):
        return [{"name": str(name), **(spec if isinstance(spec, Mapping) else {})} for name, spec in raw.items()]
    if isinstance(raw, list | tuple):
        return [dict(spec) for spec in raw if isinstance(spec, Mapping)]
    return []


def rows_of(document: Mapping[str, Any]) -> list[Document]:
    raw = document.get("rows")
    return [dict(row) for row in raw if isinstance(row, Mapping)] if isinstance(raw, list | tuple) else []


def examples_of(document: Mapping[str, Any]) -> list[Document]:
    raw = document.get("examples")
    return [dict(one) for one in raw if isinstance(one, Mapping)] if isinstance(raw, list | tuple) else []


def else_of(document: Mapping[str, Any]) -> Document:
    raw = document.get(ELSE)
    return dict(raw) if isinstance(raw, Mapping) else {}


# --- to a form ------------------------------------------------------------------------------------------------------


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Every field of the form with its text, in the order of the page."""
    inputs, outputs = columns_of(document, "inputs"), columns_of(document, "outputs")
    fields = {"says": _plain(document.get("description")), "hit": _plain(document.get("hit"))}
    for side, columns in (("i", inputs), ("o", outputs)):
        for number, column in enumerate(columns):
            fields |= {f"{side}{number}.{key}": _column_text(column, key) for key in COLUMN_KEYS}
            fields |= _more(f"{side}{number}", {key: raw for key, raw in column.items() if key not in COLUMN_KEYS})
    for number, row in enumerate(rows_of(document)):
        fields |= _row_fields(f"r{number}", row, inputs, outputs)
    return fields | _row_fields(ELSE, else_of(document), (), outputs)


def _row_fields(
    key: str, row: Mapping[str, Any], inputs: Sequence[Document], outputs: Sequence[Document]
) -> dict[str, str]:
    when, then = _mapping(row.get("when")), _mapping(row.get("then"))
    return {
        f"{key}.id": _plain(row.get("id")),
        f"{key}.says": _plain(row.get("description")),
        **{f"{key}.w{n}": _asked_text(when, column) for n, column in enumerate(inputs)},
        **{f"{key}.t{n}": _said_text(then, column) for n, column in enumerate(outputs)},
        **_more(key, _strays(row, {"when": inputs, "then": outputs})),
    }


def _strays(row: Mapping[str, Any], sides: Mapping[str, Sequence[Document]]) -> Document:
    """What of a row no field shows."""
    strays: Document = {key: raw for key, raw in row.items() if key not in _ROW_KEYS}
    for side, columns in sides.items():
        known = {_name(column) for column in columns}
        if cells := {name: raw for name, raw in _mapping(row.get(side)).items() if name not in known}:
            strays[side] = cells
    return strays


def _more(key: str, rest: Document) -> dict[str, str]:
    return {f"{key}.more": json.dumps(rest, default=str)} if rest else {}


def _rest(fields: Mapping[str, str], key: str) -> Document:
    """What travelled along; {} when it is no JSON object any more."""
    try:
        rest = json.loads(fields.get(f"{key}.more", "{}"))
    except (ValueError, RecursionError):
        return {}
    return rest if isinstance(rest, dict) else {}


def _asked_text(when: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """Blank for any value, only where no cell is written: an empty one in a file is refused, not taken for any."""
    if _name(column) not in when:
        return ""
    raw = when[_name(column)]
    return "null" if raw is None else cell_text(raw) or '""'


def cell_text(raw: object) -> str:
    """A cell as it is written in one line."""
    if isinstance(raw, list | tuple):
        return ", ".join(quoted(item) if isinstance(item, str) and _splits(item) else _plain(item) for item in raw)
    return _plain(raw)


def _splits(item: str) -> bool:
    return "," in item and not item.lstrip().startswith(('"', "[", "("))


def _said_text(then: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    return output_text(then[_name(column)], column) if _name(column) in then else ""


def output_text(raw: object, column: Mapping[str, Any]) -> str:
    """What a row gives, in one line. A blank says nothing, so the empty text stands in quotes unless it is the same."""
    if isinstance(raw, list | tuple):
        return listed(raw) or ("" if column.get("default", []) in ([], ()) else "[]")
    if raw == "" and not _blank_is_empty(column):
        return '""'
    if isinstance(raw, str) and raw.startswith(('"', "[")) and column.get("type") == "text":
        return quoted(raw)  # in other columns nobody takes the quotes off again
    return _plain(raw)


def _blank_is_empty(column: Mapping[str, Any]) -> bool:
    domain = column.get("domain")
    return column.get("default", "") == "" and isinstance(domain, list | tuple) and "" in domain


def listed(items: Iterable[object]) -> str:
    """Values with commas between them; one with a comma in it, or nothing in it, stands in quotes."""
    return ", ".join(
        quoted(item) if isinstance(item, str) and (not item or _NOT_BARE.search(item)) else _plain(item)
        for item in items
    )


def _column_text(column: Mapping[str, Any], key: str) -> str:
    raw = column.get(key)
    match key:
        case "domain" if isinstance(raw, list | tuple):
            return listed(raw)
        case "default" if key in column:
            return output_text(raw, {"default": None}) or "[]"
        case _:
            return _plain(raw)


def _plain(raw: object) -> str:
    match raw:
        case None:
            return ""
        case str():
            return raw
        case bool() | date():
            return literal_text(raw)
        case _:
            return str(raw)


# --- from a form ----------------------------------------------------------------------------------------------------


def document_of(fields: Mapping[str, str], base: Mapping[str, Any]) -> Document:
    """The document that was typed; what the form does not hold is taken from the one beneath."""
    inputs, outputs = (_typed_columns(fields, base, side) for side in ("inputs", "outputs"))
    rows = [_typed_row(key, fields, inputs, outputs) for key in row_keys(fields)]
    otherwise = _typed_row(ELSE, fields, (), outputs)
    if not otherwise["when"]:
        del otherwise["when"]
    typed = {key: fields[name] for key, name in (("description", "says"), ("hit", "hit")) if name in fields}
    return {**base, **typed, "inputs": inputs, "outputs": outputs, "rows": rows, ELSE: otherwise}


def row_keys(fields: Mapping[str, str]) -> list[str]:
    """The names of the form's rows, in their order."""
    found = (_ROW.fullmatch(name) for name in fields)
    return list(dict.fromkeys(f"r{match[1]}" for match in found if match))


def _typed_columns(fields: Mapping[str, str], base: Mapping[str, Any], side: str) -> list[Document]:
    keys = [match[1] for match in map(_COLUMN.fullmatch, fields) if match and match[1].startswith(side[0])]
    if not keys:  # the form shows no columns: they stay as they were
        return columns_of(base, side)
    return [_typed_column(key, fields) for key in keys]


def _typed_column(key: str, fields: Mapping[str, str]) -> Document:
    typed = {name: text for name in COLUMN_KEYS if (text := fields.get(f"{key}.{name}", ""))}
    column: Document = {"name": "", **_rest(fields, key), **typed}
    if "domain" in typed:
        column["domain"] = split(typed["domain"])
    if "nullable" in typed:
        column["nullable"] = _truth(typed["nullable"])
    if "default" in typed:
        column["default"] = said(typed["default"], column)
    return column


def _typed_row(
    key: str, fields: Mapping[str, str], inputs: Sequence[Document], outputs: Sequence[Document]
) -> Document:
    when = {_name(column): text for n, column in enumerate(inputs) if (text := fields.get(f"{key}.w{n}", ""))}
    then = {
        _name(column): said(text, column) for n, column in enumerate(outputs) if (text := fields.get(f"{key}.t{n}", ""))
    }
    rest = _rest(fields, key)
    return {
        **rest,
        "id": fields.get(f"{key}.id", ""),
        "description": fields.get(f"{key}.says", ""),
        "when": {**_mapping(rest.get("when")), **when},
        "then": {**_mapping(rest.get("then")), **then},
    }


def said(text: str, column: Mapping[str, Any]) -> object:
    """What a row gives, by the type of its column; text that is no such value stays text, for the reader to refuse."""
    match column.get("type"):
        case "list" | "set":
            return split(text)
        case "boolean":
            return _truth(text)
        case "text":
            return unquoted(text)
        case _:
            return text


def _truth(text: str) -> object:
    return {"true": True, "false": False}.get(text, text)


def split(text: str) -> list[str]:
    """The values between the commas that stand outside quotes; [] for nothing and for "[]"."""
    inner = text.strip()
    inner = inner[1:-1].strip() if inner[:1] == "[" and inner[-1:] == "]" else inner
    if not inner:
        return []
    items, start, comma = [], 0, ","
    while comma:
        match = _ITEM.match(inner, start)
        if match is None:  # a quote stays open: the rest is one value, for the reader to refuse
            items.append(inner[start:].strip())
            break
        items.append(unquoted(match[1].strip()))
        start, comma = match.end(), match[2]
    return items


def unquoted(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if _QUOTED.fullmatch(text) else text


def _name(column: Mapping[str, Any]) -> str:
    return str(column.get("name", ""))


def _mapping(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}
