"""Cases are found by the words in them: names, references, facts and what was written.

Only adds. Code of the version before writes no words: cases that it opens meanwhile are found once the timers have
filled them in, and those that it changes after `casewright doctor --rebuild-search`. Cases that are here already are
filled in by the timers too, in batches. The table has no wall of PostgreSQL around it (an index may not be asked
before one): it is only ever read joined to `cases`. The index of SQLite is made at the start of a process, by
Database.migrate, since not every SQLite can.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search"),
        sa.UniqueConstraint("case_id", name="uq_search_case_id"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_search_words ON search USING gin (words)")


def downgrade() -> None:
    op.drop_table("search")
