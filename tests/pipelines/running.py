"""A process that does what waits in the home its environment names, until its standard input is closed."""

import sys
import threading

from configs.settings import Settings
from pipelines.runner import Runner
from pipelines.wiring import opened


def main() -> None:
    bell = threading.Event()
    with opened(Settings(mail_domain="casewright.example"), bell=bell) as house:
        runner = Runner(house, bell)
        runner.start()
        print(house.journeys.get("motor_claim").root_digest, flush=True)
        sys.stdin.read()
        runner.stop()


if __name__ == "__main__":
    main()
