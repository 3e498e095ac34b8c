"""In which trace events are written: noted beside them for watching, no part of what happened, so not chained."""

from contextvars import ContextVar

#: A W3C traceparent, set by whoever serves a request; None when nobody traces.
current_trace: ContextVar[str | None] = ContextVar("current_trace", default=None)
