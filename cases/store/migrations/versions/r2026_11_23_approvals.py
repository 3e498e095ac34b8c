"""What waits for a colleague's approval, over all cases.

Only adds. Code of the version before neither reads nor writes it, and claims no work in a case with such an event. A
case that it erases keeps its row, which holds a role and a time and nothing of the customer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("held", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "held", name="pk_approvals"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_approvals_case_id", deferrable=True, initially="DEFERRED"
        ),
    )
    op.create_index("ix_approvals_asked_at", "approvals", ["asked_at"])
    if op.get_context().dialect.name == "postgresql":
        # As around the cases themselves: what belongs to a case of another line of business does not exist.
        condition = f"{LINES} IS NULL OR case_id IN (SELECT id FROM cases)"  # noqa: S608  # fixed words, no input
        op.execute(f"CREATE POLICY approvals_of_lines ON approvals USING ({condition})")
        op.execute("ALTER TABLE approvals ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE approvals FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("approvals")
