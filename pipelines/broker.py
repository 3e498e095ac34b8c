"""Celery's side of the doorbell: one app made from the settings, its queues, and publishing to them."""

from typing import Any

import structlog
from amqp.exceptions import InternalError, NotFound
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.transport import pyamqp

from configs.settings import Settings
from pipelines.doorbell import Bell

log = structlog.get_logger()
TASK = "casewright.answer"
DRAIN_SECONDS = 20  # then a task ends and rings again: its message is acknowledged, and a shutdown waits no longer
DELIVERIES = 10  # of one bell whose workers die over it; what it stood for is parked by the work's own attempts
RING_SECONDS = 2.0  # for each step of ringing
SOFT_SHUTDOWN_SECONDS = 10.0
ANSWER_SECONDS = 5.0  # that an answer of the broker is waited for before connecting anew


def queue_name(bell: Bell) -> str:
    return f"casewright.{bell}"


def make_app(settings: Settings) -> Celery:
    """The Celery app of this installation. Raises NoBroker without CASEWRIGHT_BROKER_URL."""
    if settings.broker_url is None:
        raise NoBroker
    app = Celery("casewright", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(bell, settings) for bell in Bell],
        task_create_missing_queues=False,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=settings.job_seconds,
        worker_prefetch_multiplier=1,
        # Quorum queues refuse a prefetch count for the whole channel (RabbitMQ, "Global QoS"): Celery then sets it for
        # each consumer, where it finds x-queue-type among its queues.
        worker_detect_quorum_queues=True,
        worker_soft_shutdown_timeout=SOFT_SHUTDOWN_SECONDS,
        worker_proc_alive_timeout=600,  # a process counts as started once its models are loaded, or trained
        worker_cancel_long_running_tasks_on_connection_loss=False,  # they go on: the rows are theirs, not the message
        worker_enable_remote_control=False,  # no queue a worker, which RabbitMQ would keep after a kill
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # for ever
        broker_connection_timeout=RING_SECONDS,
        broker_heartbeat=20,
        broker_transport=_transport(settings),
        broker_transport_options=_transport_options(settings),
    )
    return app


class NoBroker(ValueError):
    def __init__(self) -> None:
        super().__init__(
            "there is no broker: set CASEWRIGHT_BROKER_URL to amqp://user:password@host// or redis://host:6379/0; "
            "without one, casewright serve does the work itself"
        )


def is_redis(settings: Settings) -> bool:
    return str(settings.broker_url).partition(":")[0] in ("redis", "rediss", "sentinel")


def _queue(bell: Bell, settings: Settings) -> Queue:
    """Replicated on RabbitMQ: else a bell is lost with its node, which costs a second."""
    arguments: dict[str, Any] = {}
    if not is_redis(settings):
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERIES}
    name = queue_name(bell)
    # The default exchange routes by queue name: one entity less that could be missing after a broker was wiped.
    return Queue(name, exchange=Exchange(""), routing_key=name, durable=True, queue_arguments=arguments)


def _transport_options(settings: Settings) -> dict[str, Any]:
    if is_redis(settings):
        # A message that was taken and not acknowledged comes back after that time, by itself only then: longer than
        # any task runs. Nobody waits for it, the timers ring again long before.
        return {"visibility_timeout": 2 * settings.job_seconds, "socket_keepalive": True, "health_check_interval": 10}
    return {"confirm_publish": True}


class BoundedConnection(pyamqp.Connection):
    """Waits no longer than ANSWER_SECONDS for an answer of the broker, then raises TimeoutError.

    A RabbitMQ that was killed may leave basic.consume without an answer for ever, on a connection that lives, and then
    the closing of that connection too. The `read_timeout` of py-amqp does not help: its transport reads on after it.
    """

    def drain_events(self, timeout: float | None = None) -> None:
        super().drain_events(ANSWER_SECONDS if timeout is None else timeout)


class BoundedTransport(pyamqp.Transport):
    Connection = BoundedConnection


class BoundedSSLTransport(pyamqp.SSLTransport):
    Connection = BoundedConnection


def _transport(settings: Settings) -> str | None:
    """Ours for RabbitMQ; Redis has time-outs of its own."""
    ours = {"amqp": BoundedTransport, "pyamqp": BoundedTransport, "amqps": BoundedSSLTransport}
    chosen = ours.get(str(settings.broker_url).partition(":")[0])
    return None if chosen is None else f"{__name__}:{chosen.__name__}"


def renew_broken_queues(app: Celery) -> None:
    """Delete each queue of ours that the broker knows and cannot serve; whoever connects next declares it anew.

    A RabbitMQ that is killed just after it made a quorum queue knows its name afterwards and has lost its process
    ("noproc"): nobody can consume from it again until it is deleted. What lay in it were bells, which are rung again.
    """
    for queue in app.amqp.queues.values():
        try:
            with app.connection_for_write() as connection:
                connection.default_channel.basic_get(queue.name)
        except (InternalError, TimeoutError):
            log.warning("queue.renewed", queue=queue.name)
            with app.connection_for_write() as connection:
                connection.default_channel.queue_delete(queue.name)
        except NotFound:
            continue


class Publisher:
    """Puts a bell into its queue, unless one lies there: whoever takes that one will see all that is committed by now.

    Belongs to one thread; raises what the broker's client raises. The queue is declared each time: it may have been
    deleted since, and the answer tells how many bells it holds that nobody has taken.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        self._waits = (
            {"socket_timeout": RING_SECONDS, "socket_connect_timeout": RING_SECONDS}
            if is_redis(settings)
            else {"write_timeout": RING_SECONDS}
        )
        self._connection: Connection | None = None

    def __call__(self, bell: Bell) -> None:
        if self._connection is not None:
            try:
                self._put(bell, self._connection)
            except Exception:  # noqa: BLE001  # the broker may have restarted since: asked once more, on a new connection
                self.close()
            else:
                return
        self._connection = self._app.connection_for_write(transport_options=self._waits)
        try:
            self._connection.ensure_connection(max_retries=1, interval_start=0, timeout=RING_SECONDS)
            self._put(bell, self._connection)
        except BaseException:
            self.close()
            raise

    def _put(self, bell: Bell, connection: Connection) -> None:
        queue = self._app.amqp.queues[queue_name(bell)]
        channel = connection.default_channel
        untaken = queue(channel).queue_declare().message_count
        if not untaken:
            producer = self._app.amqp.Producer(connection, auto_declare=False)
            self._app.send_task(
                TASK, queue=queue, producer=producer, retry=False, timeout=RING_SECONDS, confirm_timeout=RING_SECONDS
            )

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.release()
