import threading
import time
from pathlib import Path

import pytest

from cases.store.database import DatabaseAway
from configs.settings import Settings
from pipelines.wiring import opened
from tests.servers import POSTGRES_BIN, Postgres, free_port

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(POSTGRES_BIN is None, reason="PostgreSQL is not installed: apt-get install postgresql"),
]


def test_a_server_that_starts_beside_its_database_waits_for_it(tmp_path: Path) -> None:
    postgres = Postgres()
    postgres.prepare()

    def start_late() -> None:
        time.sleep(1.5)
        postgres.start()

    starting = threading.Thread(target=start_late)
    starting.start()
    try:
        with opened(Settings(home=tmp_path, database_url=postgres.url()), patience=60) as house:
            assert house.database.ping()
    finally:
        starting.join()
        postgres.__exit__()


def test_a_command_tells_at_once_that_its_database_is_away(tmp_path: Path) -> None:
    away = Settings(home=tmp_path, database_url=f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none")

    with pytest.raises(DatabaseAway, match="see that the database runs"), opened(away):
        pass
