"""A DMN file as elements with their lines: no document type, no entities, at most 5 MB."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from cases.rules import Problem

MAX_BYTES: Final = 5_000_000
MOST_ELEMENTS: Final = 200_000
DEEPEST: Final = 60
OURS: Final = "urn:casewright:dmn:1"  # attributes that say of a table what DMN has no place for
_DMN: Final = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(?:MODEL/|dmn[0-9]*\.xsd)")


class DmnRefused(ValueError):
    """The file, or the part of it that was asked for, cannot be run; every reason is listed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Element:
    """One element of the model. Those of other namespaces (diagrams, extensions) are left out."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "").strip()

    def all(self, *names: str) -> list["Element"]:
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> "Element | None":
        return next(iter(self.all(*names)), None)

    def text_of(self, name: str) -> str | None:
        """The text of the first such child, None when there is none."""
        found = self.first(name)
        return None if found is None else found.text.strip()

    def inside(self) -> Iterator["Element"]:
        """The element and all within it."""
        yield self
        for child in self.children:
            yield from child.inside()


def read_xml(raw: bytes, *, file: str) -> tuple[Element, frozenset[str]]:
    """The root and the namespaces that the file names. Raises DmnRefused."""
    if len(raw) > MAX_BYTES:
        raise _refused(file, None, f"the file has more than {MAX_BYTES // 1_000_000} MB", "split the model")
    building = _Building()
    parser: Any = create_parser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(building)
    try:
        parser.parse(io.BytesIO(raw))
    except DefusedXmlException:
        mend = "take the DOCTYPE and its entities out"
        raise _refused(file, None, "the file has a document type or entities, which DMN does not need", mend) from None
    except _TooMuch as error:
        raise _refused(file, error.line, str(error), "split the model") from None
    except SAXParseException as error:
        raise _refused(file, error.getLineNumber(), f"not XML: {error.getMessage()}", "correct the file") from error
    except (SAXException, UnicodeError, LookupError, ValueError) as error:
        raise _refused(file, None, f"not XML: {error}", "correct the file") from error
    root = building.root
    if root is None or root.name != "definitions" or not any(_DMN.fullmatch(one) for one in building.namespaces):
        raise _refused(
            file, root.line if root else None, "this is no DMN model (1.1 to 1.5)", "export it as DMN from your tool"
        )
    return root, frozenset(building.namespaces)


class _TooMuch(Exception):
    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


class _Building(ContentHandler):
    """Builds the elements that share the root's namespace."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self.namespaces: set[str] = set()
        self._open: list[Element] = []
        self._space: str | None = None
        self._foreign = self._count = 0

    def startPrefixMapping(self, prefix: str | None, uri: str) -> None:  # noqa: ARG002, N802  # SAX names it
        self.namespaces.add(uri)

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: ARG002, N802
        self._count += 1
        line = int(self._locator.getLineNumber())  # type: ignore[attr-defined]
        if self._count > MOST_ELEMENTS or len(self._open) + self._foreign > DEEPEST:
            raise _TooMuch(f"more than {MOST_ELEMENTS} elements, or nested deeper than {DEEPEST}", line)
        if self.root is None:
            self._space = name[0]
        if self._foreign or name[0] != self._space:
            self._foreign += 1
            return
        own = {key: value for (space, key), value in attrs.items() if space in (None, self._space)}
        own |= {f"ours:{key}": value for (space, key), value in attrs.items() if space == OURS}
        element = Element(name[1], own, line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: ARG002, N802
        if self._foreign:
            self._foreign -= 1
        else:
            self._open.pop()

    def characters(self, content: str) -> None:
        if self._open and not self._foreign:
            self._open[-1].text += content


def _refused(file: str, line: int | None, what: str, mend: str) -> DmnRefused:
    return DmnRefused([Problem(file, line, "", what, mend)])
