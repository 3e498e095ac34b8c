"""Letters: small templates that may name facts and nothing else. A missing fact reads as nothing, never as an error."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: What a letter may name. `tracking_link` is filled in at sending, because its token is stored nowhere; `standing` as
#: well, because a letter may leave long after it was written, and says where the case stands then.
NAMES = frozenset(
    {"name", "reference", "topic", "organisation", "facts", "items", "by", "due", "tracking_link", "message", "handler"}
    | {"explanation", "files"}
    | {"standing", "loop"}
)
FILTERS = frozenset({"upper", "lower", "capitalize", "trim", "join", "first", "length", "default"})
TRACKING_LINK, STANDING = "[tracking-link]", "[standing]"
#: What may follow a name after a dot; any fact may follow `facts`. The target of a loop is an item.
_PARTS = {
    "organisation": frozenset({"name", "email", "phone", "hours"}),
    "loop": frozenset({"index", "first", "last", "length"}),
}
_OF_ITEMS = frozenset({"title", "text"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.For, nodes.Filter,
    nodes.Const, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip


class _Sandbox(ImmutableSandboxedEnvironment):
    """A dot reads a key and only then an attribute, so that a fact called `values` is no method of a mapping."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)


_SANDBOX = _Sandbox(autoescape=False, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=1)
def _parsed(template: str) -> nodes.Template:
    """Whoever checks a letter reads it twice, one letter after the other."""
    return _SANDBOX.parse(template)


def problems_of(template: str) -> Iterator[tuple[int, str, str]]:
    """What a template may not hold: (line, what is wrong, how to mend it)."""
    try:
        tree = _parsed(template)
    except TemplateSyntaxError as error:
        yield error.lineno, f"not a template: {error.message}", "correct the braces on this line"
        return
    except RecursionError:
        yield 1, "not a template: parts lie too deep inside each other", "write it without nesting"
        return
    loops = {found.target.name for found in tree.find_all(nodes.For) if isinstance(found.target, nodes.Name)}
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            yield (
                node.lineno,
                f"{type(node).__name__.lower()} is not allowed in a letter",
                "name a fact or use a filter",
            )
        elif isinstance(node, nodes.Name) and node.name not in NAMES | loops:
            yield node.lineno, f"unknown name {node.name!r}", f"use one of: {', '.join(sorted(NAMES))}"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield node.lineno, f"unknown filter {node.name!r}", f"use one of: {', '.join(sorted(FILTERS))}"
        elif isinstance(node, nodes.For) and not _is_loop_over_items(node):
            yield node.lineno, "a loop over something else than items, or a loop in a loop", "loop over items, once"
        elif isinstance(node, nodes.Getattr) and not _is_part(node, loops):
            yield node.lineno, f"nothing has a part {node.attr!r} here", "name a fact as facts.name, without more dots"


def _is_loop_over_items(node: nodes.For) -> bool:
    return isinstance(node.iter, nodes.Name) and node.iter.name == "items" and node.find(nodes.For) is None


def _is_part(node: nodes.Getattr, loops: set[str]) -> bool:
    if not isinstance(node.node, nodes.Name):
        return False
    if node.node.name == "facts":
        return not node.attr.startswith("_")
    return node.attr in (_OF_ITEMS if node.node.name in loops else _PARTS.get(node.node.name, frozenset()))


def facts_named(template: str) -> set[str]:
    """Names after `facts.` in a template, to be held against the journey's facts."""
    return set(_facts_in(_parsed(template)))


def facts_needed(template: str) -> set[str]:
    """Those of them that stand outside of any condition on them: without these the letter has a hole."""
    return set(_needed(_parsed(template), frozenset()))


def _needed(node: nodes.Node, known: frozenset[str]) -> Iterator[str]:
    if isinstance(node, nodes.If):
        tested = frozenset(_facts_in(node.test))
        yield from (name for part in node.body for name in _needed(part, known | tested))
        yield from (name for part in (*node.elif_, *node.else_) for name in _needed(part, known))
        return
    if isinstance(node, nodes.Filter) and node.name == "default":
        return
    yield from (name for name in _facts_of(node) if name not in known)
    for child in node.iter_child_nodes():
        yield from _needed(child, known)


def _facts_in(node: nodes.Node) -> Iterator[str]:
    yield from _facts_of(node)
    for child in node.iter_child_nodes():
        yield from _facts_in(child)


def _facts_of(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "facts":
        yield node.attr


@lru_cache(maxsize=512)
def _compiled(template: str) -> Any:
    return _SANDBOX.from_string(template)


def render(template: str, context: Mapping[str, Any]) -> str:
    """The letter's text, without the gaps of what was left out. Its template was checked before."""
    compiled = _compiled(template)
    # Shared: a letter names nothing of the sandbox's own, and copying that for each letter cost more than writing it.
    names = compiled.new_context({**context, "tracking_link": TRACKING_LINK, "standing": STANDING}, shared=True)
    text = "".join(compiled.root_render_func(names))
    if "  " in text:
        text = _GAPS.sub(" ", text)
    if " \n" in text or "\t\n" in text:
        text = _LINE_ENDS.sub("", text)
    return _EMPTY_LINES.sub("\n\n", text).strip() + "\n"


def filled(body: str, *, link: str, standing: str) -> str:
    """A rendered letter with what is known when it leaves. Letters that left as one say once where the case stands."""
    earlier, marked, last = body.rpartition(STANDING)
    if marked:
        body = f"{earlier.replace(STANDING, '')}{standing}{last}"
        body = _EMPTY_LINES.sub("\n\n", body)
    return body.replace(TRACKING_LINK, link)


_GAPS = re.compile(r"(?<=\S) {2,}")
_LINE_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")  # parts that were left out leave their lines and spaces behind
