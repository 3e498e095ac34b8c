"""/metrics, as Prometheus reads it: the installation, and the requests of this process."""

from typing import Any

import anyio.to_thread
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from api.deps import HouseHere, NotSignedIn, get_caller
from api.routes.health import SCOPE, from_this_machine, watching_of
from pipelines.house import House
from pipelines.watching.collector import HouseCollector
from pipelines.watching.readiness import Readiness

router = APIRouter(tags=["health"])
BUCKETS = (0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Requests:
    """The requests of this process, by route template: a path may hold a token or a reference."""

    def __init__(self, house: House, readiness: Readiness) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(HouseCollector(house, readiness))
        ProcessCollector(registry=self.registry)
        self._number = Counter(
            "casewright_http_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "casewright_http_seconds", "Until the answer was sent.", ("route",), buckets=BUCKETS, registry=self.registry
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        self._number.labels(route, plain_method(method), str(status)).inc()
        self._seconds.labels(route).observe(seconds)


def plain_method(method: str) -> str:
    """Clients may send any word."""
    return method if method in _METHODS else "OTHER"


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Text as Prometheus reads it", "content": {"text/plain": {}}},
    401: {"description": "Neither a token nor a caller on this machine"},
    403: {"description": f"The token has no scope {SCOPE}"},
    503: {"description": "The token cannot be looked up: the database is away"},
}


@router.get("/metrics", responses=_ANSWERS, response_class=Response)
async def metrics(request: Request, house: HouseHere) -> Response:
    """A token of scope metrics:read, or a caller on this machine."""
    threads = watching_of(request).threads
    if not from_this_machine(request, house):
        caller = await anyio.to_thread.run_sync(get_caller, request, house, limiter=threads)
        if caller.token is None:
            raise NotSignedIn
        if SCOPE not in caller.token.scopes:
            raise HTTPException(403, f"this token has no scope {SCOPE}")
    requests: Requests = request.app.state.requests
    text = await anyio.to_thread.run_sync(generate_latest, requests.registry, limiter=threads)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
