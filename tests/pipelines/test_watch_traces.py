"""One trace a message, sent to a real receiver of OTLP over HTTP; and no trace of anything where nobody asked."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.app import create_app
from configs.settings import Settings
from pipelines.house import House
from pipelines.runner import drain
from pipelines.watching.tracing import open_traces
from tests.pipelines.given import WINDSCREEN, by_form, certify

NAME, ADDRESS = "Kanarie Goudvink", "kanarie.goudvink@example.org"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Receiver:
    """Keeps the spans that are sent to it."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw = b""
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.raw += body
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    kept.spans += [span for scope in resource.scope_spans for span in scope.spans]
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def of_trace(self, trace_id: str) -> dict[str, Span]:
        """By name; one of each in these tests."""
        return {span.name: span for span in self.spans if span.trace_id.hex() == trace_id}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def traced_to(house: House, receiver: Receiver) -> House:
    return replace(house, traces=open_traces(Settings(otel_url=receiver.url)))


def send(client: TestClient, name: str = NAME, **headers: str) -> None:
    fields = {"journey": "motor_claim", "sender": ADDRESS, "name": name, "subject": f"Ster van {name}",
              "text": f"{WINDSCREEN} {name}"}  # fmt: skip
    answer = client.post("/api/messages", files={key: (None, value) for key, value in fields.items()}, headers=headers)
    assert answer.status_code == 202, answer.text


def test_request_and_all_work_that_follows_share_the_callers_trace(house: House, receiver: Receiver) -> None:
    traced = traced_to(house, receiver)
    certify(traced, "motor_claim", "windscreen")

    with TestClient(create_app(traced)) as client:
        send(client, traceparent=CALLER)
    drain(traced)
    traced.traces.close()  # type: ignore[union-attr]  # it was opened above

    spans = receiver.of_trace(CALLER.split("-")[1])
    assert {"POST /api/messages", "read", "understand", "enrich", "decide", "send"} <= spans.keys()
    for name, parent in (("read", "POST /api/messages"), ("understand", "read"), ("enrich", "understand"),
                         ("decide", "enrich"), ("send", "decide")):  # fmt: skip
        assert spans[name].parent_span_id == spans[parent].span_id, name
        assert spans[name].start_time_unix_nano >= spans[parent].start_time_unix_nano
    assert spans["POST /api/messages"].parent_span_id.hex() == CALLER.split("-")[2]


def test_messages_of_one_batch_have_a_trace_each(house: House, receiver: Receiver) -> None:
    traced = traced_to(house, receiver)

    with TestClient(create_app(traced)) as client:
        for n in range(3):
            send(client, f"Nummer {n}")
    drain(traced)
    traced.traces.close()  # type: ignore[union-attr]

    requests = [span for span in receiver.spans if span.name == "POST /api/messages"]
    reads = [span for span in receiver.spans if span.name == "read"]
    assert len({span.trace_id for span in requests}) == 3
    assert {span.trace_id for span in reads} == {span.trace_id for span in requests}
    assert all(attribute.value.int_value == 3 for span in reads for attribute in span.attributes
               if attribute.key == "casewright.batch")  # fmt: skip


def test_no_span_tells_anything_about_a_person(house: House, receiver: Receiver) -> None:
    traced = traced_to(house, receiver)

    with TestClient(create_app(traced)) as client:
        send(client)
        client.get(f"/api/cases?q={ADDRESS}")
        client.get("/t/a-token-that-opens-a-case")
    drain(traced)
    traced.traces.close()  # type: ignore[union-attr]

    said = receiver.raw.decode("latin-1").casefold()
    assert receiver.spans
    assert [word for word in ("kanarie", "goudvink", "example.org", "79-kxf", "a-token-that") if word in said] == []
    keys = {attribute.key for span in receiver.spans for attribute in span.attributes}
    assert keys == {f"casewright.{key}" for key in ("route", "method", "status", "stream", "attempt", "batch")}
    assert not any(span.events for span in receiver.spans)


def test_events_keep_their_trace_and_the_chain_stands(house: House, receiver: Receiver) -> None:
    traced = traced_to(house, receiver)

    with TestClient(create_app(traced)) as client:
        send(client, traceparent=CALLER)
    drain(traced)

    with traced.database.reading() as store:
        (case_id,) = store.case_ids()
        every = [(case_id, entry.seq) for entry in store.history(case_id)]
        traces = store.watch.traces(every)
        problems = store.verify_all()
    traced.traces.close()  # type: ignore[union-attr]
    assert traces.keys() == set(every)
    assert {trace.split("-")[1] for trace in traces.values()} == {CALLER.split("-")[1]}
    assert problems == []


def test_a_traceparent_that_cannot_be_read_begins_a_trace_of_its_own(house: House, receiver: Receiver) -> None:
    traced = traced_to(house, receiver)

    with TestClient(create_app(traced)) as client:
        client.get("/healthz", headers={"traceparent": "00-nonsense-01"})
    traced.traces.close()  # type: ignore[union-attr]

    (span,) = receiver.spans
    assert span.parent_span_id == b""


def test_a_receiver_that_is_away_costs_no_message(house: House, receiver: Receiver) -> None:
    receiver.server.server_close()
    traced = traced_to(house, receiver)

    with TestClient(create_app(traced)) as client:
        send(client)

    assert drain(traced) > 0


def test_nobody_traces_unless_told_where_to(house: House) -> None:
    by_form(house)

    drain(house)

    assert house.traces is None
    assert open_traces(Settings()) is None
    with house.database.reading() as store:
        (case_id,) = store.case_ids()
        assert store.watch.traces([(case_id, entry.seq) for entry in store.history(case_id)]) == {}
