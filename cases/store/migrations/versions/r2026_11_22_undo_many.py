"""What was done to many cases at once can be taken back for a minute: what each held before it is kept here.

Only adds: code of the version before neither reads nor writes this table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.create_table(
        "undo_steps",
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("was", sa.String()),
        sa.Column("became", sa.String()),
        sa.PrimaryKeyConstraint("act", "case_id", name="pk_undo_steps"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_undo_steps_case_id", deferrable=True, initially="DEFERRED"
        ),
    )
    op.create_index("ix_undo_steps_at", "undo_steps", ["at"])
    if op.get_context().dialect.name == "postgresql":
        condition = f"{LINES} IS NULL OR case_id IN (SELECT id FROM cases)"  # noqa: S608  # fixed words, no input
        op.execute(f"CREATE POLICY undo_steps_of_lines ON undo_steps USING ({condition})")
        op.execute("ALTER TABLE undo_steps ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE undo_steps FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    raise NotImplementedError("only what may be taken back this minute is here; restore a backup to go back")
