"""What Celery costs: CPU of ringing a bell and of a worker's answer to it when nothing waits, on each broker.

The database is the queue, so a bell is rung for a batch, never for a message: beside these figures stands what they
come to for one message when 1 or 64 arrive between two bells. Prints JSON lines.

    python -m benchmarks.celery_overhead [--bells N]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import structlog

from configs.settings import Settings
from pipelines.broker import Publisher
from pipelines.doorbell import Bell
from pipelines.wiring import opened
from tests.servers import RabbitMq, Redis

QUIET = 0.2  # CPU seconds a second under which a worker counts as idle


def cpu_of(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(times.user + times.system for times in (member.cpu_times() for member in family))


def wait_until_idle(process: psutil.Process, *, at_most: float = 120) -> None:
    end = time.monotonic() + at_most
    before = cpu_of(process)
    while time.monotonic() < end:
        time.sleep(1)
        now = cpu_of(process)
        if now - before < QUIET and len(process.children(recursive=True)) > 0:
            return
        before = now
    raise TimeoutError("the worker does not come to rest")


def measure(broker: Redis | RabbitMq, home: Path, bells: int) -> dict[str, float]:
    """Milliseconds of CPU a bell: of ringing, of the broker, and of the worker that answers."""
    settings = Settings(home=home, broker_url=broker.url())
    with opened(settings):  # its tables and models, so that the worker does nothing but answer
        pass
    told = {**os.environ, "CASEWRIGHT_HOME": str(home), "CASEWRIGHT_BROKER_URL": broker.url()}
    command = [sys.executable, "-m", "api", "worker", "-c", "1"]
    worker = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process, server = psutil.Process(worker.pid), psutil.Process(broker.pid)
        wait_until_idle(process)
        publish = Publisher(settings)
        publish(Bell.FAST)
        wait_until_idle(process)
        idle_from, idle = time.monotonic(), cpu_of(process)
        time.sleep(5)
        idle_rate = (cpu_of(process) - idle) / (time.monotonic() - idle_from)
        begun, ringing, answering, serving = time.monotonic(), time.process_time(), cpu_of(process), cpu_of(server)
        for _ in range(bells):
            publish(Bell.FAST)
            time.sleep(0.01)
        rung = time.process_time() - ringing
        wait_until_idle(process)
        answered = cpu_of(process) - answering - idle_rate * (time.monotonic() - begun)
        served = cpu_of(server) - serving
        publish.close()
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    return {"ring": 1000 * rung / bells, "broker": 1000 * served / bells, "answer": 1000 * answered / bells}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bells", type=int, default=400)
    asked = options.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    for broker in (Redis(), RabbitMq()):
        with tempfile.TemporaryDirectory() as folder, broker:
            cost = measure(broker, Path(folder), asked.bells)
        bell = cost["ring"] + cost["answer"]
        print(json.dumps({
            "benchmark": "celery_overhead", "broker": type(broker).__name__, "bells": asked.bells,
            "ms_a_bell": {name: round(ms, 2) for name, ms in cost.items()},
            "ms_a_message_alone": round(bell, 2), "ms_a_message_of_64": round(bell / 64, 3),
        }))  # fmt: skip


if __name__ == "__main__":
    main()
