"""A real receiver of orders on loopback: checks each signature as Standard Webhooks says, takes each id once."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class OrderOffice:
    """`answers` are given in turn, before it goes on as usual: (status, body, headers); "lost": taken, not answered."""

    def __init__(self) -> None:
        self.url = ""
        self.orders: dict[str, dict[str, Any]] = {}
        self.answers: list[tuple[int, bytes, dict[str, str]] | str] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.forged = 0

    def is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        return wanted in headers["webhook-signature"].split(" ")

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if not self.is_signed(headers, body):
            self.forged += 1
            return 401, b"{}"
        order = json.loads(body)
        if order["id"] in self.orders:
            return 409, json.dumps({"id": order["id"], "receipt": f"R-{order['id']}"}).encode()
        self.orders[order["id"]] = order
        return 201, json.dumps({"receipt": f"R-{order['id']}"}).encode()


def _handler(office: OrderOffice) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            office.requests.append((headers, body))
            planned = office.answers.pop(0) if office.answers else None
            if planned == "lost":
                office.take(headers, body)
                self.close_connection = True
                return
            if isinstance(planned, tuple):
                status, answer, more = planned
            else:
                (status, answer), more = office.take(headers, body), {}
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Tests read what was asked, not what was logged."""

    return Handler


@contextmanager
def order_office() -> Iterator[OrderOffice]:
    office = OrderOffice()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(office))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    office.url = f"http://127.0.0.1:{server.server_port}/orders"
    try:
        yield office
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
