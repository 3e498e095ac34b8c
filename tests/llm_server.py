"""A real OpenAI-compatible endpoint on loopback, whose answer is a function of what it is asked."""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. headers: names in small letters."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """What the one who asks wants done."""
        return next(str(one["content"]) for one in self.body["messages"] if one["role"] in {"system", "developer"})

    @property
    def given(self) -> str:
        content = self._given
        return content if isinstance(content, str) else next(one["text"] for one in content if one["type"] == "text")

    @property
    def pictures(self) -> list[bytes]:
        parts = [] if isinstance(self._given, str) else self._given
        urls = [one["image_url"]["url"] for one in parts if one["type"] == "image_url"]
        return [base64.b64decode(url.removeprefix("data:image/jpeg;base64,"), validate=True) for url in urls]

    @property
    def _given(self) -> Any:
        return next(one["content"] for one in self.body["messages"] if one["role"] == "user")


@dataclass(frozen=True, slots=True)
class Says:
    """An answer as a model gives it; streamed word by word where that was asked. used: tokens in and out."""

    text: str | None
    finish: str | None = "stop"
    refusal: str | None = None
    used: tuple[int, int] | None = (11, 7)


@dataclass(frozen=True, slots=True)
class Sends:
    """Bytes as they are. pause: seconds before each byte of the body; before each of the headers too when `slowly`."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    pause: float = 0
    slowly: bool = False


Answering = Callable[[Asked], "Says | Sends"]


class LlmServer:
    """`answering` may be replaced while it runs."""

    def __init__(self, answering: Answering) -> None:
        self.url = ""
        self.answering = answering
        self.asked: list[Asked] = []

    @property
    def settings(self) -> dict[str, Any]:
        """Of a house that asks it, once a question."""
        return {"llm_url": self.url, "llm_model": "tester", "llm_region": "house", "llm_tries": 1}


@contextmanager
def llm_server(answering: Answering, *, certificate: Path | None = None) -> Iterator[LlmServer]:
    """certificate: PEM with its key, for one that speaks TLS."""
    one = LlmServer(answering)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(one))
    if certificate is not None:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(certificate)
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    one.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/v1"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()


def _handler(server: LlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            raw = self.rfile.read(int(headers.get("content-length", 0)))
            asked = Asked(self.path, headers, json.loads(raw) if self.path.endswith("/completions") else {})
            server.asked.append(asked)
            answer = server.answering(asked)
            with suppress(OSError):  # who asked no longer listens
                self._send(answer if isinstance(answer, Sends) else _sent(answer, asked.body))

        def _send(self, answer: Sends) -> None:
            head = [f"HTTP/1.0 {answer.status} -", *(f"{name}: {value}" for name, value in answer.headers.items())]
            start = "\r\n".join([*head, "", ""]).encode()
            self._write(start, answer.pause if answer.slowly else 0)
            self._write(answer.body, answer.pause)

        def _write(self, body: bytes, pause: float) -> None:
            if not pause:
                self.wfile.write(body)
                return
            for byte in body:
                time.sleep(pause)
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            """Tests read what was asked, not what was logged."""

    return Handler


def _sent(said: Says, body: dict[str, Any]) -> Sends:
    return _streamed(said, body) if body.get("stream") else _whole(said, body)


def _whole(said: Says, body: dict[str, Any]) -> Sends:
    message = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    choices = [{"index": 0, "message": message, "finish_reason": said.finish}]
    told = {"id": "c-1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": choices}
    return Sends(json.dumps({**told, **_used(said)}).encode())


def _streamed(said: Says, body: dict[str, Any]) -> Sends:
    words = (said.text or "").split(" ")
    pieces = [word if n == 0 else f" {word}" for n, word in enumerate(words)] if said.text is not None else []
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if said.text is None else ""}]
    deltas += [{"content": piece} for piece in pieces]
    deltas += [{"refusal": said.refusal}] if said.refusal is not None else []
    choices: list[list[dict[str, Any]]] = [[{"index": 0, "delta": one, "finish_reason": None}] for one in deltas]
    if said.finish is not None:
        choices.append([{"index": 0, "delta": {}, "finish_reason": said.finish}])
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    told = [json.dumps({**head, "choices": one}) for one in choices]
    if said.used is not None:
        told.append(json.dumps({**head, "choices": [], **_used(said)}))
    lines = "".join(f"data: {one}\n\n" for one in [*told, "[DONE]"])
    return Sends(lines.encode(), headers={"Content-Type": "text/event-stream"})


def _used(said: Says) -> dict[str, Any]:
    if said.used is None:
        return {}
    count_in, count_out = said.used
    return {"usage": {"prompt_tokens": count_in, "completion_tokens": count_out, "total_tokens": count_in + count_out}}
