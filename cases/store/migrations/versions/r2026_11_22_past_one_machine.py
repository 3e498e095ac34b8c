"""Keys of blobs, leases of processes, the trace of an event, and which workers may do a piece of work.

Only adds: code of the first version runs on this schema too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("trace", sa.String()))
    op.add_column("work", sa.Column("deaths", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("work", sa.Column("needs", sa.BigInteger(), nullable=False, server_default="1"))
    op.create_table(
        "data_keys",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_data_keys"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def downgrade() -> None:
    raise NotImplementedError("keys would be lost with the table; restore a backup instead")
