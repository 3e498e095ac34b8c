"""One trace a message: the request that took it in, and each piece of work that followed from its events.

Nothing is measured or imported unless CASEWRIGHT_OTEL_URL says where traces go.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import structlog

from configs.settings import Settings
from pipelines.house import House
from pipelines.ports import Traces
from pipelines.stages.work import Item

log = structlog.get_logger()


def open_traces(settings: Settings) -> Traces | None:
    """None without CASEWRIGHT_OTEL_URL, and without the packages, which is said once."""
    if settings.otel_url is None:
        return None
    try:
        from pipelines.watching.otel import OtelTraces  # noqa: PLC0415  # an extra; half a second of imports
    except ImportError:
        log.warning("traces.absent", install="casewright[otel]")
        return None
    return OtelTraces(settings.otel_url)


@contextmanager
def traced(items: Sequence[Item], house: House) -> Iterator[Sequence[Item]]:
    """The items, each with the span under which its effects are written; as they are when nobody traces."""
    if house.traces is None or not items:
        yield items
        return
    with house.database.reading() as store:
        parents = store.watch.traces([(item.claim.stream, item.claim.seq) for item in items])
    spans = [
        house.traces.begin(item.claim.stage, parent=parents.get((item.claim.stream, item.claim.seq)), serves=False)
        for item in items
    ]
    try:
        yield [replace(item, trace=span.traceparent) for item, span in zip(items, spans, strict=True)]
    finally:
        for item, span in zip(items, spans, strict=True):
            claim = item.claim
            span.end(claim.stage, {"stream": claim.stream, "attempt": claim.attempts, "batch": len(items)})
