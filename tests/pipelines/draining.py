"""One of several processes that drain the same database, which their environment names."""

import time

from configs.settings import Settings
from pipelines.runner import drain
from pipelines.wiring import opened


def main() -> None:
    """Until nothing is left to do."""
    with opened(Settings(mail_domain="casewright.example")) as house:
        while True:
            print(drain(house), flush=True)
            with house.database.reading() as store:
                if store.work.at_rest(house.now()):
                    return
            time.sleep(0.05)


if __name__ == "__main__":
    main()
