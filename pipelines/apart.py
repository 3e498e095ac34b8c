"""Work in a process of its own: neither its memory nor its end touches whoever asked for it."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from models.errors import ModelError
from models.threads import one_thread
from pipelines.watching.logs import configure_logs

Job = TypeVar("Job")
Found = TypeVar("Found")


class EndedEarly(ModelError):
    """The process died, or was ended after its time. Nothing it had begun was registered."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} {how}; give it more memory or time, or fewer labels, and start it again")


class RefusedApart(ModelError):
    """An expected error of the other process, in its own words."""


def apart(do: Callable[[Job], Found], job: Job, *, what: str, seconds: float) -> Found:
    """The answer of do(job), on one thread of a fresh process, which gets at most that many seconds.

    Raises RefusedApart for a ModelError in there and EndedEarly when no answer came. It ends with its parent.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(do, job, theirs), name=what, daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise EndedEarly(what, f"took longer than {seconds:.0f} seconds")
        is_answer, found = ours.recv()
    except EOFError as error:
        process.join()
        raise EndedEarly(what, f"ended with exit code {process.exitcode}") from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if not is_answer:
        raise RefusedApart(str(found))
    answer: Found = found
    return answer


def _answer(do: Callable[[Job], Found], job: Job, to: Connection) -> None:
    configure_logs("warning")
    try:
        with one_thread():
            to.send((True, do(job)))
    except ModelError as error:
        to.send((False, str(error)))
