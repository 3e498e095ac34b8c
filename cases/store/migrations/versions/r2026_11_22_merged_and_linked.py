"""Lists tell of a case which one it goes on in, and which one it is part of.

Only adds columns that may be empty. Code of the version before neither reads nor writes them, and does no work in a
case with such an event.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("merged_into", sa.String()))
    op.add_column("cases", sa.Column("parent", sa.String()))


def downgrade() -> None:
    raise NotImplementedError("which cases go on in which others is here; restore a backup to go back")
