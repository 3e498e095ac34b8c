"""The dashboard and the alert rules ask for metrics that /metrics really tells, and Prometheus can read them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from pipelines.house import House

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD, ALERTS = DEPLOY / "grafana" / "casewright.json", DEPLOY / "prometheus" / "alerts.yml"
NAME = re.compile(r"\b(?:casewright|process)_[a-z0-9_]+")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [one for one in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"] if one["type"] != "row"]


def questions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


@pytest.fixture(scope="module")
def told(house: House) -> dict[str, set[str]]:
    """Names of everything on /metrics -> names of its labels."""
    with TestClient(create_app(house), client=("127.0.0.1", 4711)) as here:
        here.get("/healthz")
        text = here.get("/metrics").text
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        names.setdefault(family.name, set())
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
        if family.type == "counter":
            names.setdefault(f"{family.name}_total", set())
    return names


def test_every_metric_that_is_asked_for_is_told(told: dict[str, set[str]]) -> None:
    asked = {name for question in questions() for name in NAME.findall(question)}

    assert len(asked) > 20
    assert asked - told.keys() == set()


def test_the_dashboard_shows_everything_that_is_told_about_the_installation(told: dict[str, set[str]]) -> None:
    shown = {name for panel in panels() for target in panel["targets"] for name in NAME.findall(target["expr"])}
    families = {
        re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in told if name.startswith("casewright")
    }

    assert families - {re.sub(r"_(total|bucket)$", "", name) for name in shown} == set()


def test_every_alert_says_what_is_wrong_and_how_to_mend_it() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["mend"], rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    every = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    cells = [
        (x, y) for one in every for place in [one["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])
    ]  # fmt: skip

    assert len({one["id"] for one in every}) == len(every)
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus")
def test_prometheus_reads_the_alerts_and_every_question_of_the_dashboard(tmp_path: Path) -> None:
    asked = [question.replace("$__rate_interval", "5m") for question in questions()]
    written = tmp_path / "questions.yml"
    recorded = [{"record": f"question:{n}", "expr": question} for n, question in enumerate(asked)]
    written.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}), encoding="utf-8")

    done = subprocess.run(
        ["promtool", "check", "rules", str(ALERTS), str(written)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
