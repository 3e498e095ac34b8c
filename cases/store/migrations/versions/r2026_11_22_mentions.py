"""Notes call colleagues to a case, and a case says what woke it.

Only adds. Code of the version before neither reads nor writes these: it leaves `woke` empty in rows that it writes,
and a case that it erases keeps who was called to it (a colleague's name, nobody else's): erase with the new version.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.add_column("cases", sa.Column("woke", sa.String()))
    op.create_table(
        "mentions",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "case_id", name="pk_mentions"),
        *(
            sa.ForeignKeyConstraint([mine], [to], name=f"fk_mentions_{mine}", deferrable=True, initially="DEFERRED")
            for mine, to in (("person", "users.name"), ("case_id", "cases.id"))
        ),
    )
    op.create_index("ix_mentions_case_id", "mentions", ["case_id"])
    if op.get_context().dialect.name == "postgresql":
        # As around the cases themselves: what belongs to a case of another line of business does not exist.
        condition = f"{LINES} IS NULL OR case_id IN (SELECT id FROM cases)"  # noqa: S608  # fixed words, no input
        op.execute(f"CREATE POLICY mentions_of_lines ON mentions USING ({condition})")
        op.execute("ALTER TABLE mentions ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE mentions FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("mentions")
    op.drop_column("cases", "woke")
