"""A real S3 server on a free loopback port: moto in server mode, with a bucket."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

BUCKET, REGION = "casewright", "us-east-1"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    server: ThreadedMotoServer
    address: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program that stores there is given."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
        }

    def everything(self) -> dict[str, bytes]:
        """Each object by its key, as whoever runs the store can read it."""
        store = S3Store(
            BUCKET,
            endpoint=self.address,
            access_key_id="test",
            secret_access_key="test",
            region=REGION,
            client_options={"allow_http": True},
        )
        return {one["path"]: store.get(one["path"]).bytes().to_bytes() for one in store.list().collect()}

    def empty(self) -> None:
        httpx.post(f"{self.address}/moto-api/reset").raise_for_status()
        httpx.put(f"{self.address}/{BUCKET}").raise_for_status()


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield ObjectStore(server, f"http://{host}:{port}")
    finally:
        server.stop()
