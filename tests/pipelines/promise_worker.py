"""A process that says what is due in the home its environment names, at the time given, until it is killed."""

import sys
from dataclasses import replace
from datetime import datetime

from configs.settings import Settings
from pipelines.promise_keeping import keep_promises, remind
from pipelines.wiring import opened


def main() -> None:
    at = datetime.fromisoformat(sys.argv[1])
    with opened(Settings(mail_domain="casewright.example")) as house:
        there = replace(house, now=lambda: at)
        print("ready", flush=True)
        while True:
            remind(there)
            keep_promises(there)


if __name__ == "__main__":
    main()
