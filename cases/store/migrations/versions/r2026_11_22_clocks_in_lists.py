"""The clock that presses stands in a case's row, so that lists show it without reading what happened.

Only adds columns that may be empty. Rows of before have no clock until something happens in their case; until then they
are shown and ordered by the promised date. Code of the version before writes none: `clock_seen` tells that a row has
moved on since its clock was counted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("clock", sa.String()))
    op.add_column("cases", sa.Column("clock_due", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("clock_left", sa.BigInteger()))
    op.add_column("cases", sa.Column("clock_pause", sa.String()))
    op.add_column("cases", sa.Column("clock_warned", sa.Boolean()))
    op.add_column("cases", sa.Column("clock_seen", sa.BigInteger()))


def downgrade() -> None:
    for name in ("clock_seen", "clock_warned", "clock_pause", "clock_left", "clock_due", "clock"):
        op.drop_column("cases", name)
