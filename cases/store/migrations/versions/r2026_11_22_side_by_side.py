"""A topic may hold one open certificate for each model and table, so that a new model is certified beside the old one.

Code of the version before may find two open ones where it expects one. It closes under neither, unless the one it
finds is for the model and table that it works with; and it shuts both when it shuts the topic. The table is small, so
its index is made while others wait.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = "journey, topic, model_digest, rules_digest"


def upgrade() -> None:
    op.add_column("certificates", sa.Column("share_raised_at", sa.DateTime(timezone=True)))
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX uq_certificates_open")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        f"CREATE UNIQUE INDEX uq_certificates_open ON certificates ({COLUMNS}) WHERE shut_at IS NULL"
    )


def downgrade() -> None:
    raise NotImplementedError("two open certificates do not fit the older index; restore a backup to go back")
