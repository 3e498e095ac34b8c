"""Around every request: a cap on its body, the headers that keep browsers safe, and one line in the log."""

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import route_of, unexpected

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


class Armour:
    """session_cookie in the request's state is given to the browser again, so that a busy session stays alive."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"
        self.secure = "; Secure" if secure else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, begun_sending = time.perf_counter(), 500, False

        async def guarded_send(message: Message) -> None:
            nonlocal status, begun_sending
            if message["type"] == "http.response.start":
                status, begun_sending = message["status"], True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                cookie = scope.get("state", {}).get("session_cookie")
                if cookie and "set-cookie" not in headers:
                    headers.append("Set-Cookie", f"session={cookie}; Path=/; HttpOnly; SameSite=Strict{self.secure}")
            await send(message)

        try:
            await self.app(scope, _capped(scope, receive), guarded_send)
        except Exception as error:
            # The server's edge: whatever was forgotten below becomes an answer with all headers, and a line in the log.
            if begun_sending:
                raise
            await unexpected(Request(scope), error)(scope, receive, guarded_send)
        finally:
            took = round((time.perf_counter() - begun) * 1000, 1)
            log.info("http", method=scope["method"], route=route_of(scope), status=status, ms=took)


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Refuse a body over the cap while it comes in, whatever its headers promised."""
    takes_photos = scope["path"].startswith(("/api/messages", "/t/"))
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
