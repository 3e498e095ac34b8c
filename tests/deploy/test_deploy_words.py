"""What the deployment files name exists: settings, commands, options, files and each other."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from configs.settings import Settings
from pipelines.doorbell import Bell
from tests.deploy.shipped import (
    DOCKERFILE,
    FILES,
    ROOT,
    Command,
    commands,
    name_of,
    of_kind,
    option,
    pods,
    resources,
    services,
    variables,
)

SETTINGS = {f"CASEWRIGHT_{name.upper()}" for name in Settings.model_fields}


def asked(words: tuple[str, ...]) -> Result:
    """Whether the program knows the command and its options. Help is asked for behind them, so that nothing is done."""
    return CliRunner().invoke(app, [*words, "--help"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    assert variables(path.read_text()) <= SETTINGS


@pytest.mark.parametrize("call", list(commands()), ids=lambda call: call[0])
def test_every_call_is_one_that_the_program_understands(call: Command) -> None:
    answer = asked(call[1])

    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("words", [("serf",), ("serve", "--prot", "8000")])
def test_a_call_that_the_program_would_refuse_is_found(words: tuple[str, ...]) -> None:
    assert asked(words).exit_code == 2


def test_web_workers_and_timers_are_started_everywhere() -> None:
    started: dict[str, set[str]] = {}
    for where, words in commands():
        kind = where.split(" ")[0] if " " in where else Path(where).suffix or where
        started.setdefault(kind, set()).add(words[0])

    assert {"serve", "worker", "timers"} <= started["compose.yaml"] & started["Deployment"] & started[".service"]


def test_every_class_of_work_has_workers() -> None:
    taken: dict[str, set[str]] = {"compose.yaml": set(), "Deployment": set()}
    for where, words in commands():
        if words[0] == "worker" and where.split(" ")[0] in taken:
            taken[where.split(" ")[0]] |= set((option(words, "--queues") or ",".join(Bell)).split(","))

    assert taken == {where: set(Bell) for where in taken}


def test_the_image_lets_in_what_it_copies_and_nothing_of_this_machine() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    copied = [
        path
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE.read_text(), re.MULTILINE)
        for path in line.split()[:-1]
    ]

    assert rules[0] == "*"
    assert [path for path in copied if not (ROOT / path).exists() or f"!{path}" not in rules] == []
    assert [path for path in (".env", ".git", ".venv", "var", "tests") if f"!{path}" in rules] == []


def test_files_that_compose_mounts_exist() -> None:
    mounted = [volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])]
    files = [path for path in mounted if path.startswith(".")]

    assert files
    assert [path for path in files if not (ROOT / path).is_file()] == []


def test_services_wait_for_services_that_say_when_they_are_ready() -> None:
    there = services()

    for name, service in there.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in there[other]["healthcheck"], f"{name} waits for {other}"
            else:
                assert there[other]["restart"].startswith("on-failure"), f"{name} waits for the end of {other}"


def test_everything_in_the_cluster_lies_in_its_namespace() -> None:
    own = {"casewright"}

    assert {one["metadata"]["namespace"] for one in resources() if one["kind"] != "Namespace"} == own
    assert {one["metadata"]["name"] for one in of_kind("Namespace")} == own


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "NetworkPolicy"])
def test_selectors_find_pods(kind: str) -> None:
    for one in of_kind(kind):
        selector = one["spec"].get("selector") or one["spec"].get("podSelector")
        wanted: dict[str, str] = selector.get("matchLabels", selector) if selector else {}

        assert any(wanted.items() <= pod["metadata"]["labels"].items() for pod in pods().values()), name_of(one)


def test_scaling_and_budgets_and_spread_are_of_deployments_that_exist() -> None:
    deployments = {one["metadata"]["name"]: one for one in of_kind("Deployment")}

    for scaler in of_kind("HorizontalPodAutoscaler"):
        scaled = deployments[scaler["spec"]["scaleTargetRef"]["name"]]
        assert "replicas" not in scaled["spec"], f"{name_of(scaled)}: two would decide how many there are"
    for one in deployments.values():
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["selector"]["matchLabels"] == labels == one["metadata"]["labels"]
        assert _spread(one) == labels


def _spread(deployment: dict[str, Any]) -> dict[str, str]:
    (rule,) = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    found: dict[str, str] = rule["labelSelector"]["matchLabels"]
    return found


def test_pods_read_settings_secrets_and_volumes_that_are_described() -> None:
    there = {name_of(one) for one in resources()}

    for name, pod in pods().items():
        for source in pod["spec"]["containers"][0]["envFrom"]:
            ((kind, ref),) = source.items()
            wanted = {"configMapRef": "ConfigMap", "secretRef": "Secret"}[kind]
            assert f"{wanted} {ref['name']}" in there, name
        claims = [
            one["persistentVolumeClaim"]["claimName"]
            for one in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in one
        ]
        assert [claim for claim in claims if f"PersistentVolumeClaim {claim}" not in there] == []


def test_applying_the_folder_does_not_apply_the_examples() -> None:
    """kubectl apply -f FOLDER does not go into folders; an empty secret would replace the real one."""
    applied = (ROOT / "deploy" / "kubernetes").glob("*.yaml")

    assert [
        path.name for path in applied if re.search("^kind: (Secret|Ingress)$", path.read_text(), re.MULTILINE)
    ] == []


def test_secrets_in_the_repository_have_no_values() -> None:
    secrets = of_kind("Secret")

    assert len(secrets) == 2
    assert {value for secret in secrets for value in secret["stringData"].values()} == {""}
    assert not any(fnmatch(path.name, "*.env*") for path in (ROOT / "deploy").rglob("*"))
