"""Just enough of the ONNX file format to write a convolutional network: protobuf messages by hand, no package needed.

Source: onnx.proto of ONNX 1.x; the numbers below are its field numbers. The same graph gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_IR_VERSION = 7
_OPSET = 11
_FLOAT = 1  # TensorProto.FLOAT
_INT, _INTS = 2, 7  # AttributeProto.INT and INTS
_WIRE_BYTES = 2
Attribute = int | Sequence[int]
Dimension = int | str


def model(
    *,
    nodes: Iterable[bytes],
    weights: Mapping[str, NDArray[np.float32]],
    inputs: Sequence[bytes],
    outputs: Iterable[str],
) -> bytes:
    """A whole file; `inputs` come from `value`, `nodes` from `node`, and outputs are told by name."""
    graph = b"".join(
        [
            *(_message(1, one) for one in nodes),
            _text(2, "graph"),
            *(_message(5, _tensor(name, values)) for name, values in weights.items()),
            *(_message(11, one) for one in inputs),
            *(_message(12, value(name, ())) for name in outputs),
        ]
    )
    return _number(1, _IR_VERSION) + _message(7, graph) + _message(8, _number(2, _OPSET))


def node(kind: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> bytes:
    """One operator with one output; attributes in the order given."""
    parts = [_text(1, name) for name in inputs] + [_text(2, output), _text(3, output), _text(4, kind)]
    parts += [_message(5, _attribute(name, given)) for name, given in attributes.items()]
    return b"".join(parts)


def value(name: str, shape: Sequence[Dimension]) -> bytes:
    """A float input or output; a dimension told by a word may have any size, no shape at all is left to the runtime."""
    dims = b"".join(_message(1, _text(2, d) if isinstance(d, str) else _number(1, d)) for d in shape)
    tensor = _number(1, _FLOAT) + (_message(2, dims) if shape else b"")
    return _text(1, name) + _message(2, _message(1, tensor))


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return dims + _number(2, _FLOAT) + _text(8, name) + _message(9, raw)


def _attribute(name: str, given: Attribute) -> bytes:
    if isinstance(given, int):
        return _text(1, name) + _number(3, given) + _number(20, _INT)
    return _text(1, name) + b"".join(_number(8, one) for one in given) + _number(20, _INTS)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | _WIRE_BYTES) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first, the highest bit set on all but the last."""
    groups = []
    while number > 0x7F:  # noqa: PLR2004  # what seven bits hold
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
