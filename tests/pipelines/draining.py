"""One of several processes that drain the same database: python -m tests.pipelines.draining HOME MODELS."""

import sys
import time
from pathlib import Path

from configs.settings import Settings
from pipelines.runner import drain
from pipelines.wiring import opened


def main(home: str, models: str) -> None:
    """Until nothing is left to do."""
    with opened(Settings(home=Path(home), models=Path(models), mail_domain="casewright.example")) as house:
        while True:
            print(drain(house), flush=True)
            with house.database.reading() as store:
                if store.work.at_rest(house.now()):
                    return
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
