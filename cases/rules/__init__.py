"""The strict decision-table engine: a table is refused whole or means exactly what it says. Pure, no I/O."""

from cases.rules.constants import Constant
from cases.rules.counterfactual import NearMiss, nearest_misses
from cases.rules.domains import MISSING, Domain, Kind, Missing, OutValue, Value, literal_text, plain
from cases.rules.durations import Period
from cases.rules.evaluate import InvalidInput, Verdict, evaluate
from cases.rules.examples import check_examples, read_inputs
from cases.rules.problems import InputRefused, Lines, Problem, TableRefused
from cases.rules.read import FORBIDDEN_ELSE, read_table
from cases.rules.table import Example, Hit, Input, Output, Row, Table, input_sources, reachable, table_digest
from cases.rules.trace import CellTrace, RowTrace

__all__ = [
    "FORBIDDEN_ELSE",
    "MISSING",
    "CellTrace",
    "Constant",
    "Domain",
    "Example",
    "Hit",
    "Input",
    "InputRefused",
    "InvalidInput",
    "Kind",
    "Lines",
    "Missing",
    "NearMiss",
    "OutValue",
    "Output",
    "Period",
    "Problem",
    "Row",
    "RowTrace",
    "Table",
    "TableRefused",
    "Value",
    "Verdict",
    "check_examples",
    "evaluate",
    "input_sources",
    "literal_text",
    "nearest_misses",
    "plain",
    "reachable",
    "read_inputs",
    "read_table",
    "table_digest",
]
