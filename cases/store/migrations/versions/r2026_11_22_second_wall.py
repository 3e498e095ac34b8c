"""Whose case a row is about is held by PostgreSQL too, and a stream says which language its readers must know.

Only adds: code of the version before writes neither, and reads everything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: The lines of business that this transaction may see; NULL: all. A sub-select is asked once a statement, not a row.
LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.add_column("streams", sa.Column("needs", sa.BigInteger(), nullable=False, server_default="1"))
    if op.get_context().dialect.name == "postgresql":
        _wall("cases", f"line_of_business = ANY ({LINES}::text[])")
        _wall("messages", "case_id IN (SELECT id FROM cases)")
        _wall("links", "case_id IN (SELECT id FROM cases)")


def downgrade() -> None:
    raise NotImplementedError("the wall stays; restore a backup to go back")


def _wall(table: str, condition: str) -> None:
    """FORCE: the owner of the table, which is who we usually are, is held too."""
    op.execute(f"CREATE POLICY {table}_of_lines ON {table} USING ({LINES} IS NULL OR {condition})")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
