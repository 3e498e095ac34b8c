"""Whether a person judges a case without advice stands in its row, so that no filter of a list gives the advice away.

Only adds a column that may be empty: rows of before, and new ones of the version before, are taken for drawn while
they lie with a person, until this version writes them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("drawn", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("cases", "drawn")
