"""Traces to an OpenTelemetry collector, as OTLP over HTTP."""

import time
from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_HEADERS = TraceContextTextMapPropagator()
EXPORT_SECONDS = 5


class OtelSpan:
    """Ended with its name and facts. Errors are not recorded: their texts may hold what customers wrote."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        header: dict[str, str] = {}
        _HEADERS.inject(header, trace.set_span_in_context(self._span))
        return header["traceparent"]

    def end(self, name: str, facts: Mapping[str, str | int]) -> None:
        self._span.update_name(name)
        self._span.set_attributes({f"casewright.{key}": value for key, value in facts.items()})
        self._span.end(time.time_ns())


class OtelTraces:
    """url: of the collector, without a path. Sent in batches by a thread; a collector that is away costs spans only."""

    def __init__(self, url: str) -> None:
        resource = Resource.create({"service.name": "casewright"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("casewright")

    def begin(self, name: str, *, parent: str | None, serves: bool) -> OtelSpan:
        """parent: a traceparent; one that cannot be read begins a trace of its own."""
        context = _HEADERS.extract({"traceparent": parent}) if parent else None
        kind = SpanKind.SERVER if serves else SpanKind.INTERNAL
        return OtelSpan(self._tracer.start_span(name, context=context, kind=kind))

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
