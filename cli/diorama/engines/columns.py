"""Columns of a query as buffers, by Arrow's C interface: no Python object per value is made."""

import ctypes
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Texts:
    """A column of texts, in UTF-8.

    Attributes:
        bounds: Where each value begins in `content`, and where the last one ends.
        content: All values, one behind the other.
    """

    bounds: memoryview
    content: memoryview

    def __iter__(self) -> Iterator[memoryview]:
        """The values."""
        for at in range(len(self.bounds) - 1):
            yield self.content[self.bounds[at] : self.bounds[at + 1]]

    def __getitem__(self, at: int) -> memoryview:
        """A value."""
        return self.content[self.bounds[at] : self.bounds[at + 1]]

    def part(self, begin: int, end: int) -> "Texts":
        """Some values in a row."""
        return Texts(self.bounds[begin : end + 1], self.content)

    def joined(self) -> memoryview:
        """All values, one behind the other."""
        return self.content[self.bounds[0] : self.bounds[-1]]


Column = memoryview | Texts


class _Stream(ctypes.Structure):
    """ArrowArrayStream: https://arrow.apache.org/docs/format/CStreamInterface.html."""

    _fields_ = (
        ("get_schema", ctypes.c_void_p),
        ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)),
        ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    """ArrowArray: https://arrow.apache.org/docs/format/CDataInterface.html."""


_Array._fields_ = (
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
    ("private_data", ctypes.c_void_p),
)

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype = ctypes.c_void_p
_pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]


def columns(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[list[Column]]:
    """Runs a query.

    Args:
        connection: The connection.
        query: Returns columns of BIGINT and VARCHAR without nulls.

    Yields:
        The columns of some rows: views of 64-bit integers, and texts.

    Raises:
        duckdb.Error: The query fails.
    """
    relation = connection.sql(query)
    kinds = [str(kind) for kind in relation.types]
    if unknown := set(kinds) - {"BIGINT", "VARCHAR"}:
        raise duckdb.NotImplementedException(f"no columns of {', '.join(unknown)}")
    # the capsule owns the stream
    capsule = relation.__arrow_c_stream__()
    stream = _Stream.from_address(_pointer_of(capsule, b"arrow_array_stream"))
    while True:
        array = _Array()
        if stream.get_next(ctypes.addressof(stream), ctypes.addressof(array)):
            message = stream.get_last_error(ctypes.addressof(stream)) or b""
            raise duckdb.Error(message.decode())
        if not array.release:
            return
        owner = _Owner(array)
        yield [
            _column(array.children[number].contents, kind, owner)
            for number, kind in enumerate(kinds)
        ]


class _Owner:
    """Frees the rows of an array when no view of them is left."""

    def __init__(self, array: _Array) -> None:
        weakref.finalize(self, _release, array)


def _release(array: _Array) -> None:
    array.release(ctypes.addressof(array))


def _column(array: _Array, kind: str, owner: _Owner) -> Column:
    if array.null_count or array.offset:
        raise duckdb.InvalidInputException("no nulls are expected")
    if kind == "BIGINT":
        return _view(array.buffers[1], 8 * array.length, owner).cast("q")
    bounds = _view(array.buffers[1], 4 * (array.length + 1), owner).cast("i")
    return Texts(bounds, _view(array.buffers[2], bounds[-1], owner))


def _view(address: int | None, size: int, owner: _Owner) -> memoryview:
    if not address or not size:
        return memoryview(b"")
    content = (ctypes.c_ubyte * size).from_address(address)
    content.owner = owner
    return memoryview(content).cast("B")
