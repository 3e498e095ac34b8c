"""Run by Alembic within Database.migrate: the connection, its transaction and its lock come from there."""

from alembic import context
from sqlalchemy import Connection

from cases.store import side_rows
from cases.store.rows import Base

#: Named so that the import, which fills the metadata, is seen to be needed.
TABLES = (Base, side_rows.LinkRow)

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite changes tables within transactions too; Alembic does not expect it to.
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
