"""The deployment files pass their linters. That is all that is claimed of them: nothing here is built or started."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.shipped import (
    COMPOSE,
    DOCKERFILE,
    MANIFESTS,
    PROGRAM,
    UNITS,
    lines_of_unit,
    run,
)

#: The oldest that knows everything that is used, and the newest that the linter carries.
VERSIONS = ("1.30", "1.37")


def test_the_dockerfile_passes_hadolint() -> None:
    assert run("hadolint", DOCKERFILE).stdout == ""


def test_hadolint_runs_here_and_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\n")

    assert "DL3007" in run("hadolint", bad).stdout


def test_compose_yaml_is_as_the_compose_specification_says() -> None:
    checked = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)

    assert checked.returncode == 0, checked.stdout


def test_a_misspelt_key_of_compose_is_found(tmp_path: Path) -> None:
    bad = tmp_path / "compose.yaml"
    bad.write_text(COMPOSE.read_text().replace("read_only:", "readonly:"))

    assert run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", bad).returncode == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifests_are_as_kubernetes_says(version: str) -> None:
    checked = run("kubernetes-validate", "--strict", "--quiet", "-k", version, *MANIFESTS)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_a_misspelt_key_of_a_manifest_is_found(version: str, tmp_path: Path) -> None:
    web = next(path for path in MANIFESTS if path.name == "30-web.yaml")
    bad = tmp_path / "web.yaml"
    bad.write_text(web.read_text().replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"))

    assert run("kubernetes-validate", "--strict", "--quiet", "-k", version, bad).returncode == 1


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_has_its_sections_and_only_lines_that_can_be_read(unit: Path) -> None:
    lines = [line for line in unit.read_text().splitlines() if line and not line.startswith("#")]
    sections = [line for line in lines if line.startswith("[")]

    wanted = ["[Unit]", "[Install]"] if unit.suffix == ".target" else ["[Unit]", "[Service]", "[Install]"]
    assert sections == wanted
    assert len(lines_of_unit(unit)) == len(lines) - len(sections)


def test_the_units_pass_systemd_analyze_where_it_is_installed(tmp_path: Path) -> None:
    """Where it is not, the test above is all the lint there is. The program is replaced by one that exists here."""
    for unit in UNITS:
        name = unit.name.replace("@.", "@fast.")
        (tmp_path / name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    found = shutil.which("systemd-analyze") or "/bin/true"

    checked = subprocess.run(
        [found, "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False, timeout=60
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
