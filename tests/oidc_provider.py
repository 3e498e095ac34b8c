"""A real OpenID provider on loopback: it holds who asks to every rule, and says what a test tells it to say wrongly."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "casewright desk", "a secret: with signs/+%"
Answer = tuple[int, dict[str, str], bytes]


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


FIRST_KEY, SECOND_KEY = new_key("first"), new_key("second")


def signed(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


@dataclass
class Provider:
    """person: who is signed in there, as claims. wrong: claims that its tokens hold instead; None takes one out.

    sign: how it makes its tokens. silent: seconds that it waits before each answer. asked: paths, in order.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=lambda: [FIRST_KEY])
    sign: Callable[[dict[str, Any]], str] = lambda claims: signed(claims, FIRST_KEY)
    described: dict[str, Any] = field(default_factory=dict)
    broken: bool = False
    silent: float = 0.0
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/leave",
            **self.described,
        }

    def answer(self, path: str, asked: dict[str, str], authorization: str) -> Answer:
        self.asked.append(path)
        time.sleep(self.silent)
        if self.broken:
            return 500, {}, b"<h1>broken</h1>"
        match path:
            case "/.well-known/openid-configuration":
                return _json(self.describe())
            case "/keys":
                return _json({"keys": [key.as_dict(private=False) for key in self.keys]})
            case "/authorize":
                return self._authorize(asked)
            case "/token":
                return self._token(asked, authorization)
            case "/userinfo":
                return _json(self.userinfo) if authorization == "Bearer access" else (401, {}, b"")
            case "/leave":
                return 303, {"Location": asked["post_logout_redirect_uri"]}, b""
            case _:
                return 404, {}, b""

    def _authorize(self, asked: dict[str, str]) -> Answer:
        """Whoever is signed in there is sent back at once, with a code for what was asked."""
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return 303, {"Location": f"{asked['redirect_uri']}?{urlencode(back)}"}, b""

    def _token(self, asked: dict[str, str], authorization: str) -> Answer:
        if not self._is_client(authorization):
            return _json({"error": "invalid_client"}, 401)
        left = self._codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if left is None or challenge != left["code_challenge"] or asked["redirect_uri"] != left["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": left["nonce"]}
        said = {name: value for name, value in (claims | self.person | self.wrong).items() if value is not None}
        return _json({"access_token": "access", "token_type": "Bearer", "id_token": self.sign(said)})

    def _is_client(self, authorization: str) -> bool:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return (unquote(name), unquote(secret)) == (CLIENT, SECRET) and name == quote(CLIENT, safe="")


def _json(told: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(told).encode()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._say(parts.path, parts.query)

        def do_POST(self) -> None:
            self._say(self.path, self.rfile.read(int(self.headers["content-length"])).decode())

        def _say(self, path: str, fields: str) -> None:
            asked = {name: values[0] for name, values in parse_qs(fields).items()}
            status, headers, body = provider.answer(path, asked, self.headers.get("authorization", ""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests read what was asked, not what was logged."""

    return Handler


@contextmanager
def oidc_provider(host: str = "127.0.0.1") -> Iterator[Provider]:
    """host: a name of this machine, for browsers that are to take it for another site."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://{host}:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
