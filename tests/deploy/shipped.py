"""What the deployment files say, in a form that tests can hold against the program."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = ROOT / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
FILES = [DOCKERFILE, COMPOSE, *MANIFESTS, *UNITS]
IMAGE = "casewright:"
PROGRAM = "/opt/casewright/.venv/bin/casewright"

Command = tuple[str, tuple[str, ...]]  # where it stands, and the words after `casewright`


def run(tool: str, *args: object) -> subprocess.CompletedProcess[str]:
    """A linter from the environment of the tests. Its way out is a dead end: it must do without the network."""
    command = [str(Path(sys.executable).parent / tool), *map(str, args)]
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False, timeout=60)


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def resources() -> list[dict[str, Any]]:
    """Every object of every manifest."""
    return [resource for path in MANIFESTS for resource in yaml.safe_load_all(path.read_text())]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [resource for resource in resources() if resource["kind"] == kind]


def name_of(resource: dict[str, Any]) -> str:
    return f"{resource['kind']} {resource['metadata']['name']}"


def pods() -> dict[str, dict[str, Any]]:
    """The template of everything that runs, by kind and name."""
    return {name_of(one): one["spec"]["template"] for one in (*of_kind("Deployment"), *of_kind("Job"))}


def containers() -> list[tuple[str, dict[str, Any]]]:
    return [(name, one) for name, pod in pods().items() for one in pod["spec"]["containers"]]


def lines_of_unit(path: Path) -> list[tuple[str, str]]:
    """(name, value) in order; names repeat."""
    found = [line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return [(name, value) for name, value in found]


def commands() -> Iterator[Command]:
    """Every call of the program in every deployment file."""
    for written in re.findall(r"^CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE):
        yield "Dockerfile", tuple(json.loads(written))
    for name, service in services().items():
        if service["image"].startswith(IMAGE):
            yield f"compose.yaml {name}", tuple(service["command"])
    for name, container in containers():
        yield name, tuple(container["args"])
    for unit in UNITS:
        for name, value in lines_of_unit(unit):
            if name == "ExecStart":
                yield unit.name, _as_started(unit, value)


def _as_started(unit: Path, line: str) -> tuple[str, ...]:
    """As systemd starts it, as the instance of the fast queue where it is a template."""
    program, *words = shlex.split(line.replace("%i", "fast"))
    assert program == PROGRAM, f"{unit.name} starts {program}; the others start {PROGRAM}"
    given = dict(
        word.split("=", 1) for name, value in lines_of_unit(unit) if name == "Environment" for word in value.split()
    )
    return tuple(re.sub(r"\$\{(\w+)\}", lambda found: str(given[found[1]]), word) for word in words)


def variables(text: str) -> set[str]:
    return set(re.findall(r"\bCASEWRIGHT_[A-Z_]*[A-Z]\b", text))


def option(words: Sequence[str], name: str) -> str | None:
    """The value that follows an option; None when it is not given."""
    return words[words.index(name) + 1] if name in words else None
