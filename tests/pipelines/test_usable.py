"""Settings that nothing can be opened with: named, mended, and never shown."""

import stat
from pathlib import Path
from typing import Any

import pytest

from configs.settings import Settings
from pipelines.usable import SettingsRefused, make_home, refuse_unusable, unusable
from pipelines.wiring import opened

HIDDEN = "v3ry-h1dden"
WRONG = [
    ("secret", "x" * 31),
    ("database_url", "nonsense"),
    ("database_url", f"mysql://me:{HIDDEN}@host/name"),
    ("database_url", f"postgres://me:{HIDDEN}@host/name"),
    ("database_url", f"postgresql+psycopg2://me:{HIDDEN}@host/name"),
    ("database_url", f"postgresql+psycopg://me:{HIDDEN}@host:port/name"),
    ("database_url", "sqlite://"),
    ("database_url", "sqlite:///:memory:"),
    ("broker_url", f"http://me:{HIDDEN}@host"),
    ("broker_url", f"amqp://me:{HIDDEN}/@host:5672//"),
    ("broker_url", "amqp:///vhost"),
    ("broker_url", "redis://host:6379/0;kafka://host"),
    ("blob_url", "gs://bucket"),
    ("blob_url", "s3://"),
    ("blob_url", "bucket"),
    ("smtp_url", "mail.example.org:25"),
    ("smtp_url", f"smtp://me:{HIDDEN}@host:mail"),
    ("public_url", "cases.example.org"),
    ("public_url", "https://[cases"),
    ("otel_url", "collector:4318"),
    ("seal_time_url", "stamps.example.org"),
    ("seal_file", "nowhere.p12"),
    ("trusted_proxies", "10.0.0.7, proxy"),
    ("trusted_proxies", "10.0.0.7/8"),
]
RIGHT: list[dict[str, Any]] = [
    {},
    {"secret": "x" * 32},
    {"database_url": "sqlite:////srv/casewright.db"},
    {"database_url": f"postgresql://me:{HIDDEN}@host/name"},
    {"database_url": f"postgresql+psycopg://me:{HIDDEN}@host:5433/name?options=-c%20statement_timeout%3D0"},
    {"broker_url": f"amqps://me:{HIDDEN}@host:5671/casewright"},
    {"broker_url": "amqp://guest:guest@127.0.0.1:5672//"},
    {"broker_url": "rediss://host:6379/0"},
    {"broker_url": "sentinel://one:26379;sentinel://two:26379"},
    {"blob_url": "s3://bucket"},
    {"blob_url": "s3://bucket/prefix"},
    {"smtp_url": "smtp://host"},
    {"smtp_url": f"smtps://me:{HIDDEN}%40@host:465"},
    {"public_url": "https://cases.example.org/desk"},
    {"otel_url": "http://collector:4318"},
    {"trusted_proxies": "10.0.0.7, 10.1.0.0/16,::1"},
    {"trusted_proxies": "*"},
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_setting_that_opens_nothing_is_named_with_its_mend_and_without_its_value(name: str, value: str) -> None:
    [found] = unusable(Settings(**{name: value}))  # type: ignore[arg-type]

    assert found.about == name
    assert found.mend
    assert str(found).startswith(f"CASEWRIGHT_{name.upper()}: ")
    assert HIDDEN not in str(found)


@pytest.mark.parametrize("chosen", RIGHT)
def test_a_setting_that_may_be_right_is_let_through(chosen: dict[str, Any]) -> None:
    assert list(unusable(Settings(**chosen))) == []


def test_all_that_is_wrong_is_told_at_once_a_line_each() -> None:
    with pytest.raises(SettingsRefused) as refused:
        refuse_unusable(Settings(broker_url="kafka://host", blob_url="gs://bucket"))

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "CASEWRIGHT_BROKER_URL",
        "CASEWRIGHT_BLOB_URL",
    ]


def test_nothing_is_made_for_settings_that_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused), opened(Settings(home=tmp_path / "home", blob_url="gs://bucket")):
        pass

    assert not (tmp_path / "home").exists()


def test_a_home_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    make_home(tmp_path / "state" / "home")

    assert stat.S_IMODE((tmp_path / "state" / "home").stat().st_mode) == 0o700


def test_a_home_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    make_home(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_home_that_cannot_be_made_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsRefused, match=r"CASEWRIGHT_HOME: .*file/home cannot be made .*name another folder"):
        make_home(tmp_path / "file" / "home")
