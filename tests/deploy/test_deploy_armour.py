"""Nothing runs with more rights than it needs, and nothing starts with a password that everybody knows."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.shipped import COMPOSE, DOCKERFILE, IMAGE, UNITS, compose, containers, lines_of_unit, pods, services

SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def final_stage() -> str:
    return DOCKERFILE.read_text().rsplit("\nFROM ", 1)[1]


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", final_stage(), re.MULTILINE)

    assert "0" not in user


def test_the_image_is_made_of_hashed_wheels_and_its_last_stage_installs_nothing() -> None:
    assert "--require-hashes --only-binary :all:" in DOCKERFILE.read_text()
    assert re.findall(r"\b(pip|apt-get|gcc|curl|wget)\b", final_stage()) == []


def test_the_health_of_the_image_is_asked_where_it_listens() -> None:
    port = re.findall(r'^CMD .*"--port", "(\d+)"', final_stage(), re.MULTILINE)

    assert re.findall(r"http://127\.0\.0\.1:(\d+)/healthz", final_stage()) == port
    assert re.findall(r"^EXPOSE (\d+)$", final_stage(), re.MULTILINE) == port


@pytest.mark.parametrize(("name", "service"), services().items(), ids=services())
def test_a_service_has_no_rights_but_its_own_files(name: str, service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert name in {"migrate", "worker", "timers"} or service["healthcheck" if name != "web" else "image"]
    assert service["image"].startswith(IMAGE) or re.match(r"\d+:\d+$", service["user"])


def test_images_are_pinned_by_version() -> None:
    images = {service["image"] for service in services().values()} | {one["image"] for _, one in containers()}

    assert [image for image in images if not re.search(r":v?\d+\.\d+", image)] == []
    assert re.search(r"^ARG PYTHON=3\.11\.\d+-slim", DOCKERFILE.read_text(), re.MULTILINE)


def test_no_password_has_a_default() -> None:
    asked = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)(.*?)\}", COMPOSE.read_text())

    assert {name for name, _ in asked} == {
        "CASEWRIGHT_SECRET", "CASES_OWNER_PASSWORD", "CASES_APP_PASSWORD", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD",
    }  # fmt: skip
    assert [name for name, rest in asked if not rest.startswith(":?")] == []


def test_only_this_machine_reaches_what_compose_opens() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize(("name", "pod"), pods().items(), ids=pods())
def test_a_pod_fits_the_restricted_profile(name: str, pod: dict[str, Any]) -> None:
    spec = pod["spec"]
    (container,) = spec["containers"]

    assert name
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert f"USER {spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}" in final_stage()
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/var/lib/casewright", "/tmp"}


def test_the_web_is_asked_whether_it_lives_and_whether_it_can_work() -> None:
    (web,) = pods()["Deployment casewright-web"]["spec"]["containers"]

    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["startupProbe"]["httpGet"]["path"] == "/healthz"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_unit_writes_to_its_state_alone_and_gains_no_rights(unit: Path) -> None:
    said = dict(lines_of_unit(unit))

    assert said["User"] == "casewright"
    assert said["ProtectSystem"] == "strict"
    assert (said["NoNewPrivileges"], said["PrivateTmp"], said["ProtectHome"]) == ("true", "true", "true")
    assert said["CapabilityBoundingSet"] == ""
    assert said["StateDirectory"] == "casewright"
    assert said["EnvironmentFile"].startswith("/etc/casewright/")
    assert re.fullmatch(r"\d+[MG]", said["MemoryMax"])
    assert "ReadWritePaths" not in said
