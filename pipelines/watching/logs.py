"""Log lines: one JSON object each, on standard error, never with what customers wrote, what they are called or where
they live.

What goes into a line is chosen where it is written. What others' code would add is held back here: of an error only
its class and the places it came through, of another library's line only its template, never the values.
"""

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

import structlog

FRAMES = 12  # of an error's way, the last ones
#: Libraries that run us: their templates are fixed sentences. Of all others only the place is printed.
_RUNNING_US = ("uvicorn", "celery", "kombu", "amqp")
_OTHERS_FROM = logging.WARNING
_RUNNERS_FROM = logging.INFO
Line = MutableMapping[str, Any]


def configure_logs(least: str, *, to: TextIO | None = None) -> None:
    """From now on every line of this process, whoever writes it, from that level on ("debug", "info", …)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_words,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=to or sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(least),
        cache_logger_on_first_use=False,
    )
    _route_others(least)


def log_service() -> None:
    """The lines of a process that stays, with the errors that nobody caught."""
    configure_logs("info")
    log_uncaught()


def log_uncaught() -> None:
    """Errors that end a thread or the process become lines too, instead of tracebacks with their values."""
    log = structlog.get_logger()

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("process.died", exc_info=(kind, error, trace))

    def of_thread(found: threading.ExceptHookArgs) -> None:
        log.critical("thread.died", exc_info=(found.exc_type, found.exc_value, found.exc_traceback))

    sys.excepthook = of_process
    threading.excepthook = of_thread


def without_words(_: Any, __: str, line: Line) -> Line:
    """Say of an error its class, those of its causes, and where it came through; never its text or any value."""
    found = line.pop("exc_info", None)
    line.pop("stack_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line.update(error_fields(error))
    return line


def error_fields(error: BaseException) -> dict[str, Any]:
    """error: class names, the cause of each behind it. where: file, line and function, the innermost last."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error": " < ".join(type(one).__name__ for one in chain),
        "where": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(path: str) -> str:
    """The last two parts of a path: enough to find the file, nothing about the machine."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])


class _Others(logging.Handler):
    """What libraries log by the standard library, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        runs_us = record.name.partition(".")[0] in _RUNNING_US
        if record.levelno < (_RUNNERS_FROM if runs_us else _OTHERS_FROM):
            return
        fields: dict[str, Any] = {"logger": record.name, "at": f"{_short(record.pathname)}:{record.lineno}"}
        if runs_us and isinstance(record.msg, str):
            fields["template"] = record.msg.strip().splitlines()[0][:200] if record.msg.strip() else ""
        if record.exc_info and record.exc_info[1] is not None:
            fields |= error_fields(record.exc_info[1])
        structlog.get_logger().log(record.levelno, "library", **fields)


def _route_others(least: str) -> None:
    """Every standard logger ends in ours, also those that were set up to print by themselves."""
    level = max(_LEVELS[least], logging.INFO)
    root = logging.getLogger()
    root.handlers[:] = [_Others()]
    root.setLevel(level)
    for name in list(root.manager.loggerDict):
        logger = logging.getLogger(name)
        if name.partition(".")[0] in _RUNNING_US:
            logger.handlers.clear()
            logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # it prints whole addresses, tokens included
    logging.captureWarnings(capture=True)


_LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
