"""Bringing the tables up to date with Alembic; read only when they are not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cases.errors import CaseError

_NOT_ALLOWED = "42501"  # SQLSTATE insufficient_privilege, appendix A of the PostgreSQL manual


class TablesBehind(CaseError):
    """The plain role of the daily work found tables that its program has outgrown."""

    def __init__(self) -> None:
        super().__init__(
            "the tables are not there or older than this program, and this role of the database may not change them; "
            "run casewright migrate with the address of the role that owns them, then start again"
        )


def upgrade(connection: Connection, scripts: Path) -> None:
    """To the newest revision; tables that a newer version has widened are left as they are.

    Raises TablesBehind for a role that may not change them.
    """
    config = _config(scripts)
    stands_at = MigrationContext.configure(connection).get_current_revision()
    if stands_at is not None and stands_at not in known_revisions(scripts):
        return
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
            raise TablesBehind from error
        raise


def known_revisions(scripts: Path) -> set[str]:
    """Those that this version has heard of; tables may stand at another during an upgrade, or after going back."""
    return {script.revision for script in ScriptDirectory.from_config(_config(scripts)).walk_revisions()}


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config
