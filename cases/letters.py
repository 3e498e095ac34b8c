"""Letters: small templates that may name facts and nothing else. A missing fact reads as nothing, never as an error."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: What a letter may name. `tracking_link` is filled in at sending, because its token is stored nowhere.
NAMES = frozenset(
    {"name", "reference", "topic", "organisation", "facts", "items", "item", "by", "due", "tracking_link", "message"}
    | {"handler", "loop"}
)
FILTERS = frozenset({"upper", "lower", "capitalize", "trim", "join", "first", "length", "default"})
TRACKING_LINK = "[tracking-link]"
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.For, nodes.Filter,
    nodes.Const, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip


class _Nothing(Undefined):
    """An unknown fact: empty, at any depth."""

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    __getitem__ = __getattr__  # type: ignore[assignment]


_SANDBOX = ImmutableSandboxedEnvironment(undefined=_Nothing, autoescape=False, trim_blocks=True, lstrip_blocks=True)


def problems_of(template: str) -> Iterator[tuple[int, str, str]]:
    """What a template may not hold: (line, what is wrong, how to mend it)."""
    try:
        tree = _SANDBOX.parse(template)
    except TemplateSyntaxError as error:
        yield error.lineno, f"not a template: {error.message}", "correct the braces on this line"
        return
    loops = {node.name for found in tree.find_all(nodes.For) for node in found.target.find_all(nodes.Name)}
    loops |= {found.target.name for found in tree.find_all(nodes.For) if isinstance(found.target, nodes.Name)}
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            yield node.lineno, f"{type(node).__name__.lower()} is not allowed in a letter", "name a fact or use a filter"
        elif isinstance(node, nodes.Name) and node.name not in NAMES | loops:
            yield node.lineno, f"unknown name {node.name!r}", f"use one of: {', '.join(sorted(NAMES))}"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield node.lineno, f"unknown filter {node.name!r}", f"use one of: {', '.join(sorted(FILTERS))}"


def facts_named(template: str) -> set[str]:
    """Names after `facts.` in a template, to be held against the journey's facts."""
    return {
        node.attr
        for node in _SANDBOX.parse(template).find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "facts"
    }


@lru_cache(maxsize=512)
def _compiled(template: str) -> Any:
    return _SANDBOX.from_string(template)


def render(template: str, context: Mapping[str, Any]) -> str:
    """The letter's text. The template was checked when its journey was loaded."""
    text: str = _compiled(template).render({**context, "tracking_link": TRACKING_LINK})
    return text.strip() + "\n"
