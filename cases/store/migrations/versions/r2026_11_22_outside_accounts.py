"""People may come in by their organisation's own provider: which account belongs to whom there.

Only adds a table. Code of the version before neither reads nor writes it, and lets nobody in by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name="fk_identities_user", deferrable=True, initially="DEFERRED"
        ),
    )
    op.create_index("ix_identities_user", "identities", ["user"])


def downgrade() -> None:
    op.drop_table("identities")
