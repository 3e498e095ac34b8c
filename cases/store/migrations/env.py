"""Run by Alembic within Database.migrate: the connection, its transaction and its lock come from there.

Offline (`upgrade --sql`) it writes what would be done on PostgreSQL, for those who review it and for the linter.
"""

from alembic import context
from sqlalchemy import Connection

from cases.store import side_rows
from cases.store.rows import Base

#: Named so that the import, which fills the metadata, is seen to be needed.
TABLES = (Base, side_rows.LinkRow)
#: A migration that waits for a lock makes everybody after it wait too, so it gives up soon and is tried again.
LIMITS = ("SET LOCAL lock_timeout = '5s'", "SET LOCAL statement_timeout = '15min'")

connection: Connection | None = context.config.attributes.get("connection")
if connection is None:
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
else:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite changes tables within transactions too; Alembic does not expect it to.
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
with context.begin_transaction():
    if connection is None or connection.dialect.name == "postgresql":
        for limit in LIMITS:
            context.execute(limit)
    context.run_migrations()
