"""One of several processes that open the same empty home: prints a digest of its keys. HOME on the command line."""

import hashlib
import sys
from pathlib import Path

from configs.settings import Settings
from pipelines.wiring import opened


def main(home: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    with opened(Settings(home=Path(home))) as house:
        print(hashlib.sha256(house.keys.chain + house.keys.link).hexdigest(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
