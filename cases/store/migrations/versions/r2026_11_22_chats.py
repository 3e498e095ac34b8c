"""Chats that wait for a person or are held by one, over all cases, and whether their customers have the page open.

Only adds. Code of the version before neither reads nor writes it: while one of its workers runs, a chat message that
it reads is a message like any other, which stands in no line. A case that it erases keeps its row, which holds times
and a colleague's name and nothing of the customer: erase with the new version.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("holder", sa.String()),
        sa.Column("moved_at", sa.DateTime(timezone=True)),
        sa.Column("open_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("case_id", name="pk_chats"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_chats_case_id", deferrable=True, initially="DEFERRED"
        ),
    )
    op.create_index("ix_chats_since", "chats", ["since"])
    op.create_index("ix_chats_holder", "chats", ["holder"])
    if op.get_context().dialect.name == "postgresql":
        # As around the cases themselves: what belongs to a case of another line of business does not exist.
        condition = f"{LINES} IS NULL OR case_id IN (SELECT id FROM cases)"  # noqa: S608  # fixed words, no input
        op.execute(f"CREATE POLICY chats_of_lines ON chats USING ({condition})")
        op.execute("ALTER TABLE chats ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE chats FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("chats")
