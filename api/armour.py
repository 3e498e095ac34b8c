"""Around every request: a cap on its body, the headers that keep browsers safe, and one line in the log."""

import time
import uuid
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import route_of, unexpected
from api.guessing import is_customers
from api.routes.metrics import plain_method
from cases.store.trace import current_trace
from pipelines.ports import Span, Traces

log = structlog.get_logger()
MAX_BODY = 25 * 1024 * 1024
MAX_OTHER_BODY = 1024 * 1024  # of everything that takes no photos

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
#: Of every answer to a customer's link, errors too: the address is the key.
OF_LINKS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


class Armour:
    """session_cookie in the request's state is given to the browser again, so that a busy session stays alive.

    answered: told of each request its route template, method, status and seconds. traces: None when nobody traces.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        secure: bool,
        answered: Callable[[str, str, int, float], None],
        traces: Traces | None = None,
    ) -> None:
        self.app = app
        self.answered = answered
        self.traces = traces
        self.headers = dict(HEADERS)
        if secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"
        self.secure = "; Secure" if secure else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, begun_sending = time.perf_counter(), 500, False
        request_id = uuid.uuid4().hex[:16]  # ours: one that came along could hold anything

        async def guarded_send(message: Message) -> None:
            nonlocal status, begun_sending
            if message["type"] == "http.response.start":
                status, begun_sending = message["status"], True
                headers = MutableHeaders(scope=message)
                given = {**self.headers, **OF_LINKS} if is_customers(scope["path"]) else self.headers
                for name, value in given.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
                cookie = scope.get("state", {}).get("session_cookie")
                if cookie and "set-cookie" not in headers:
                    headers.append("Set-Cookie", f"session={cookie}; Path=/; HttpOnly; SameSite=Strict{self.secure}")
            await send(message)

        span = self._span(scope)
        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self.app(scope, _capped(scope, receive), guarded_send)
            except Exception as error:
                # The server's edge: what was forgotten below becomes an answer with all headers, and a line in the log.
                if begun_sending:
                    raise
                await unexpected(Request(scope), error)(scope, receive, guarded_send)
            finally:
                took, route, method = time.perf_counter() - begun, route_of(scope), plain_method(scope["method"])
                self.answered(route, method, status, took)
                if span is not None:
                    span.end(f"{method} {route}", {"route": route, "method": method, "status": status})
                log.info("http", method=method, route=route, status=status, ms=round(took * 1000, 1))

    def _span(self, scope: Scope) -> Span | None:
        """Begun as part of the caller's trace, if it sent a traceparent. Events are written under it."""
        if self.traces is None:
            return None
        span = self.traces.begin("request", parent=Headers(scope=scope).get("traceparent"), serves=True)
        current_trace.set(span.traceparent)
        return span


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Refuse a body over the cap while it comes in, whatever its headers promised."""
    takes_photos = scope["path"].startswith(("/api/messages", "/api/uploads/", "/report/", "/t/"))
    cap = MAX_BODY if takes_photos else MAX_OTHER_BODY
    seen = 0

    async def capped() -> Message:
        nonlocal seen
        message: Message = await receive()
        seen += len(message.get("body", b""))
        if seen > cap:
            raise HTTPException(413, f"the body is over {cap // 1024 // 1024} MB; send less at a time")
        return message

    return capped
