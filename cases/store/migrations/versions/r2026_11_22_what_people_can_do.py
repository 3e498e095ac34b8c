"""What people can do, how much they may grant, and when they are away: who is given a case follows from it.

Only adds columns with a default or that may be empty: code of the version before runs beside it. It lets a person
above their own limit through until it is gone, as it always did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("teams", "skills", "languages"):
        op.add_column("users", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("own_limit", sa.BigInteger()))
    op.add_column("users", sa.Column("away_until", sa.DateTime(timezone=True)))
    op.add_column("users", sa.Column("deputy", sa.String()))


def downgrade() -> None:
    raise NotImplementedError("limits of people would be lost with their columns; restore a backup instead")
