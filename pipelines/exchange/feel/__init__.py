"""A small, strict interpreter of FEEL, the expression language of DMN. Own grammar, no eval, exact decimals."""

from pipelines.exchange.feel.parser import Known, parse_expression, parse_source, parse_tests
from pipelines.exchange.feel.scope import Expression, Run, Scope
from pipelines.exchange.feel.values import FeelRefused, Value

__all__ = [
    "Expression",
    "FeelRefused",
    "Known",
    "Run",
    "Scope",
    "Value",
    "parse_expression",
    "parse_source",
    "parse_tests",
]
