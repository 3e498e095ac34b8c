"""What a photo of 2 MB costs: as a raw body, in pieces, in a form, and sent ahead, beside writing it to the disk.

Prints JSON lines: milliseconds from the first byte to the answer, over a real connection on this machine; every answer
is given after the bytes are durable. The ways take turns, so that a busy machine slows all of them.

    python -m benchmarks.uploads [--home DIR] [--times N] [--megabytes N]
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import structlog

from api.app import create_app
from configs.settings import Settings
from pipelines.wiring import opened
from tests.servers import free_port
from tools.browsing import served

MB = 1024 * 1024
PART = {"Content-Type": "application/offset+octet-stream"}


class Sender:
    """Each way to send the same number of other bytes, answering the seconds it took."""

    def __init__(self, client: httpx.Client, folder: Path, size: int) -> None:
        self._client, self._folder, self._size = client, folder, size
        self._random = random.Random(7)

    def write_to_disk(self) -> float:
        data, path = self._photo(), self._folder / "floor"
        begun = time.perf_counter()
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return time.perf_counter() - begun

    def put_raw(self) -> float:
        data, url = self._photo(), self._announce()
        return self._timed(lambda: self._client.put(url, content=data))

    def patch_pieces(self) -> float:
        data, url = self._photo(), self._announce()
        begun = time.perf_counter()
        for at in range(0, len(data), MB):
            headers = {**PART, "Upload-Offset": str(at)}
            self._client.patch(url, content=data[at : at + MB], headers=headers).raise_for_status()
        return time.perf_counter() - begun

    def post_form(self) -> float:
        """The whole way into a case: a form is more than its bytes."""
        files = {"sender": (None, "a@example.org"), "photos": ("a.jpg", self._photo(), "image/jpeg")}
        return self._timed(lambda: self._client.post("/api/messages", files=files))

    def post_form_with_upload(self) -> float:
        url = self._announce()
        self._client.put(url, content=self._photo()).raise_for_status()
        files = {"sender": (None, "a@example.org"), "uploads": (None, url.rpartition("/")[2])}
        return self._timed(lambda: self._client.post("/api/messages", files=files))

    def _announce(self) -> str:
        answer = self._client.post("/api/uploads", headers={"Upload-Length": str(self._size)})
        return str(answer.raise_for_status().json()["url"])

    def _photo(self) -> bytes:
        return self._random.randbytes(self._size)

    def _timed(self, send: Callable[[], httpx.Response]) -> float:
        begun = time.perf_counter()
        send().raise_for_status()
        return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=2)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as made:
        measure(asked.home or Path(made), times=asked.times, size=asked.megabytes * MB)


def measure(home: Path, *, times: int, size: int) -> None:
    with opened(Settings(home=home)) as house:
        with house.database.writing() as store:
            store.people.add_token("benchmark", "benchmark", ("messages:write",), at=house.now())
        headers = {"Authorization": "Bearer benchmark"}
        with served(create_app(house), free_port()) as url, httpx.Client(base_url=url, headers=headers) as client:
            sender = Sender(client, home, size)
            ways = {
                "write and fsync": sender.write_to_disk,
                "PUT /api/uploads": sender.put_raw,
                "PATCH /api/uploads, 1 MB each": sender.patch_pieces,
                "POST /api/messages, photo in the form": sender.post_form,
                "POST /api/messages, photo sent ahead": sender.post_form_with_upload,
            }
            took: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(times):
                for way, send in ways.items():
                    took[way].append(send() * 1000)
    for way, ms in took.items():
        hundredths = statistics.quantiles(ms, n=20)
        said = {"way": way, "bytes": size, "n": times, "p50_ms": statistics.median(ms), "p95_ms": hundredths[-1]}
        print(json.dumps({name: round(one, 2) if isinstance(one, float) else one for name, one in said.items()}))


if __name__ == "__main__":
    main()
