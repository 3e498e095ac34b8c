"""Bringing the tables up to date with Alembic; read only when they are not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, scripts: Path) -> None:
    """To the newest revision; tables that a newer version has widened are left as they are."""
    config = _config(scripts)
    stands_at = MigrationContext.configure(connection).get_current_revision()
    if stands_at is not None and stands_at not in known_revisions(scripts):
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def known_revisions(scripts: Path) -> set[str]:
    """Those that this version has heard of; tables may stand at another during an upgrade, or after going back."""
    return {script.revision for script in ScriptDirectory.from_config(_config(scripts)).walk_revisions()}


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config
