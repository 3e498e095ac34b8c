"""A real provider of text messages on loopback: takes each signed text once, and signs what it posts to us."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pipelines.hook_signatures import signed
from tests.order_office import KEY, SECRET, OrderOffice, order_office

__all__ = ["OTHER_SECRET", "SECRET", "Provider", "posted", "provider"]
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
Provider = OrderOffice  # `orders` are texts here, by id


@contextmanager
def provider() -> Iterator[Provider]:
    with order_office() as office:
        yield office


def posted(
    told: Mapping[str, Any], *, at: datetime, id_: str = "msg_1", key: bytes = KEY
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of what the provider posts to us."""
    body = json.dumps(told).encode()
    return body, {**signed([key], id_, body, moment=int(at.timestamp())), "Content-Type": "application/json"}
