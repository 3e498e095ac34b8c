"""Writes small DMN models for tests."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pipelines.exchange.dmn_run import Answer, decide, read_dmn

DMN_1_3 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def model(*parts: str, namespace: str = DMN_1_3, extra: str = "") -> bytes:
    head = (
        f'<definitions xmlns={quoteattr(namespace)} id="m" name="Own model" namespace="http://example.com/own" {extra}>'
    )
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *parts, "</definitions>"]).encode()


def given(name: str, type_: str = "") -> str:
    return f"<inputData id={quoteattr(f'i {name}')} name={quoteattr(name)}>{_variable(name, type_)}</inputData>"


def decision(name: str, logic: str, *, needs: Sequence[str] = (), type_: str = "", uses: Sequence[str] = ()) -> str:
    """`needs` names inputs, or decisions with a leading >; `uses` names business knowledge."""
    return (
        f"<decision id={quoteattr(f'd {name}')} name={quoteattr(name)}>{_variable(name, type_)}"
        f"{_needs(needs)}{_uses(uses)}{logic}</decision>"
    )


def knowledge(name: str, parameters: Mapping[str, str], logic: str, *, uses: Sequence[str] = ()) -> str:
    formal = "".join(f"<formalParameter name={quoteattr(one)}{_typed(type_)}/>" for one, type_ in parameters.items())
    return (
        f"<businessKnowledgeModel id={quoteattr(f'k {name}')} name={quoteattr(name)}>{_variable(name, '')}"
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{_uses(uses)}</businessKnowledgeModel>"
    )


def text(expression: str) -> str:
    return f"<literalExpression><text>{escape(expression)}</text></literalExpression>"


def table(
    inputs: Sequence[str | tuple[str, str]],
    outputs: Sequence[str | Mapping[str, str]],
    rules: Sequence[Sequence[str]],
    *,
    hit: str = "UNIQUE",
    aggregation: str = "",
) -> str:
    """Inputs as expressions, or with the values they may have; outputs as names, or with values, default, type."""
    head = f' aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(_input(one) for one in inputs) + "".join(_output(one) for one in outputs)
    rows = "".join(_rule(f"r{number}", rule, len(inputs)) for number, rule in enumerate(rules, 1))
    return f'<decisionTable hitPolicy="{hit}"{head}>{columns}{rows}</decisionTable>'


def run(raw: bytes, inputs: Mapping[str, Any], decision: str | None = None) -> Answer:
    return decide(read_dmn(raw, file="own.dmn", decision=decision), inputs)


def outcome(raw: bytes, inputs: Mapping[str, Any], decision: str | None = None) -> Any:
    """The value of the one decision asked for."""
    (value,) = run(raw, inputs, decision).outputs.values()
    return value


def _typed(type_: str) -> str:
    return f" typeRef={quoteattr(type_)}" if type_ else ""


def _variable(name: str, type_: str) -> str:
    return f"<variable name={quoteattr(name)}{_typed(type_)}/>"


def _needs(names: Sequence[str]) -> str:
    return "".join(
        "<informationRequirement>"
        + (
            f"<requiredDecision href={quoteattr(f'#d {name[1:]}')}/>"
            if name.startswith(">")
            else f"<requiredInput href={quoteattr(f'#i {name}')}/>"
        )
        + "</informationRequirement>"
        for name in names
    )


def _uses(names: Sequence[str]) -> str:
    return "".join(
        f"<knowledgeRequirement><requiredKnowledge href={quoteattr(f'#k {name}')}/></knowledgeRequirement>"
        for name in names
    )


def _input(column: str | tuple[str, str]) -> str:
    expression, values = (column, "") if isinstance(column, str) else column
    allowed = f"<inputValues><text>{escape(values)}</text></inputValues>" if values else ""
    return f"<input><inputExpression><text>{escape(expression)}</text></inputExpression>{allowed}</input>"


def _output(column: str | Mapping[str, str]) -> str:
    spec = {"name": column} if isinstance(column, str) else column
    name = f" name={quoteattr(spec['name'])}" if spec.get("name") else ""
    values = f"<outputValues><text>{escape(spec['values'])}</text></outputValues>" if "values" in spec else ""
    default = (
        f"<defaultOutputEntry><text>{escape(spec['default'])}</text></defaultOutputEntry>" if "default" in spec else ""
    )
    return f"<output{name}{_typed(spec.get('type', ''))}>{values}{default}</output>"


def _rule(id_: str, cells: Sequence[str], inputs: int) -> str:
    entries = "".join(
        f"<{name}><text>{escape(cell)}</text></{name}>"
        for place, cell in enumerate(cells)
        for name in ("inputEntry" if place < inputs else "outputEntry",)
    )
    return f'<rule id="{id_}">{entries}</rule>'
