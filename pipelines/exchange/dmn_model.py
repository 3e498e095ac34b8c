"""What a DMN model consists of: inputs, decisions, business knowledge and services, and who needs whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from cases.rules import Problem
from cases.rules.problems import instead_of
from pipelines.exchange.dmn_types import Type, Types
from pipelines.exchange.dmn_xml import DmnRefused, Element, read_xml
from pipelines.exchange.feel import FeelRefused

NodeKind = Literal["input", "decision", "knowledge", "service"]
_KINDS: Final[Mapping[str, NodeKind]] = {
    "inputData": "input",
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "service",
}
_NEEDS: Final = ("requiredInput", "requiredDecision", "requiredKnowledge")


@dataclass(frozen=True, slots=True)
class Node:
    """One box of the requirements diagram."""

    kind: NodeKind
    id: str
    name: str
    type: Type
    element: Element = field(repr=False)
    needs: tuple[str, ...] = ()  # ids


@dataclass(frozen=True, slots=True)
class Model:
    file: str
    name: str
    types: Types
    nodes: Mapping[str, Node]  # by id
    problems: Mapping[str, tuple[Problem, ...]]  # by id of the node that cannot be used for them
    left_out: tuple[Problem, ...] = ()
    entries: frozenset[str] = frozenset()  # every name that a context of the model can have
    lenient: bool = False  # made by a tool in which a name needs no requirement

    def of_kind(self, kind: NodeKind) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind == kind]

    def called(self, name: str) -> Node:
        """The decision or service by name or id. Raises DmnRefused."""
        found = [node for node in self.nodes.values() if node.kind in ("decision", "service")]
        for node in found:
            if name in (node.name, node.id, node.element.get("name")):
                return node
        mend = instead_of(name, [node.name for node in found])
        raise DmnRefused([Problem(self.file, None, "", f'there is no decision "{name}"', mend)])

    def asked(self) -> list[Node]:
        """The decisions that no other decision needs. Raises DmnRefused when there is none."""
        needed = {id_ for node in self.nodes.values() if node.kind == "decision" for id_ in node.needs}
        found = [node for node in self.of_kind("decision") if node.id not in needed]
        if not found:
            what = "the model has no decision that stands at its end"
            raise DmnRefused([Problem(self.file, None, "", what, "add one, or name a decision with --decision")])
        return found

    def below(self, node: Node) -> list[Node]:
        """The node and all that it needs, each once, what is needed first. Raises DmnRefused for a circle."""
        order: dict[str, Node] = {}
        path: dict[str, Node] = {}  # those on the way down, in order
        waiting = [(node, False)]
        while waiting:
            here, done = waiting.pop()
            if done:
                path.pop(here.id, None)
                order[here.id] = here
            elif here.id in path:
                self._check_circle(here, list(path.values()))
            elif here.id not in order:
                path[here.id] = here
                waiting.append((here, True))
                waiting += [(self.nodes[id_], False) for id_ in reversed(here.needs) if id_ in self.nodes]
        return list(order.values())

    def looked_at(self, node: Node) -> list[Node]:
        """The inputs that a decision looks at; what a service asks for is given to it by whoever calls it."""
        found: dict[str, Node] = {}
        waiting, seen = [node], {node.id}
        while waiting:
            for id_ in waiting.pop().needs:
                needed = self.nodes.get(id_)
                if needed is None or id_ in seen or needed.kind == "service":
                    continue
                seen.add(id_)
                waiting.append(needed)
                if needed.kind == "input":
                    found[id_] = needed
        return list(found.values())

    def _check_circle(self, node: Node, path: list[Node]) -> None:
        if node.kind == "knowledge":  # a function may call itself
            return
        names = [one.name for one in path]
        circle = " → ".join([*names[names.index(node.name) :], node.name])
        what = f"the decisions need each other: {circle}"
        raise DmnRefused([Problem(self.file, node.element.line, node.name, what, "break the circle")])


def read_model(raw: bytes, *, file: str) -> Model:
    """The model of one file. What is wrong with single decisions is kept with them. Raises DmnRefused."""
    root, namespaces = read_xml(raw, file=file)
    reading = _Reading(file, root)
    lenient = any("camunda" in one or "zeebe" in one for one in namespaces) or "camunda" in root.get("exporter").lower()
    return Model(
        file=file,
        name=root.get("name") or file,
        types=reading.types,
        nodes=reading.nodes,
        problems={id_: tuple(found) for id_, found in reading.problems.items()},
        left_out=tuple(reading.left_out),
        entries=_entries(reading),
        lenient=lenient,
    )


def _entries(reading: "_Reading") -> frozenset[str]:
    elements = (one for node in reading.nodes.values() for one in node.element.inside())
    named = {one.get("name") for one in elements if one.name in ("output", "variable", "column")}
    return frozenset((reading.types.properties | named) - {""})


class _Reading:
    def __init__(self, file: str, root: Element) -> None:
        self.file, self.types = file, Types(root.all("itemDefinition"))
        self.nodes: dict[str, Node] = {}
        self.problems: dict[str, list[Problem]] = {}
        self.left_out = [
            Problem(file, one.line, "import", f"the model imports {one.get('namespace')}", "put both in one file")
            for one in root.all("import")
        ]
        self._own = root.get("namespace")
        for element in root.all(*_KINDS):
            self._add(element)
        for node in self.nodes.values():
            for id_ in node.needs:
                if id_ not in self.nodes:
                    self._note(node.id, node.element, f'it needs "{id_}", which is not in the file', "add it")

    def _add(self, element: Element) -> None:
        variable = element.first("variable")
        name = " ".join((variable.get("name") if variable else "").split() or element.get("name").split())
        id_ = element.get("id") or name
        kind = _KINDS[element.name]
        if not id_:
            what = f"the {element.name} has neither id nor name"
            raise DmnRefused([Problem(self.file, element.line, "", what, "give it both")])
        if id_ in self.nodes:
            self._note(id_, element, f'the id "{id_}" stands twice', "give each element an id of its own")
            return
        try:
            declared = self.types.named(variable.get("typeRef") if variable and kind != "knowledge" else "")
        except FeelRefused as refused:
            self._note(id_, element, refused.what, refused.mend)
            declared = Type()
        self.nodes[id_] = Node(kind, id_, name or id_, declared, element, tuple(self._needs(element)))

    def _needs(self, element: Element) -> Iterator[str]:
        for requirement in element.all("informationRequirement", "knowledgeRequirement"):
            for one in requirement.all(*_NEEDS):
                space, _, id_ = one.get("href").rpartition("#")
                yield id_ if space in ("", self._own) else f"{space}#{id_}"
        for one in element.all("inputData", "inputDecision", "outputDecision", "encapsulatedDecision"):
            yield one.get("href").rpartition("#")[2]  # of a service

    def _note(self, id_: str, element: Element, what: str, mend: str) -> None:
        place = f'{element.name} "{element.get("name") or id_}"'
        self.problems.setdefault(id_, []).append(Problem(self.file, element.line, place, what, mend))
