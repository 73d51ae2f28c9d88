"""A channel between the main process and another: whole messages over a socket, each with its length before it."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Sequence

_LENGTH = struct.Struct("<Q")

_AT_ONCE = 1 << 20
"""Bytes that are read from the socket at a time."""


class OversizedError(Exception):
    """The other side announces a message longer than this side accepts."""


class ClosedError(Exception):
    """The other side has closed the channel, or does not read what is sent to it."""


class Channel:
    """One end of a connected pair of sockets.

    ``most`` is the longest message in bytes that :meth:`receive` accepts: the other side may be audited code.
    """

    def __init__(self, end: socket.socket, most: int) -> None:
        self.socket = end
        self._most = most
        self._buffer = bytearray()

    def fileno(self) -> int:
        """Return the descriptor, for ``select``."""
        return self.socket.fileno()

    def send(self, message: bytes, descriptors: Sequence[int] = (), patience: float | None = None) -> None:
        """Send one message, with open descriptors; ClosedError if nobody reads it, at the latest after ``patience``."""
        self.socket.settimeout(patience)
        try:
            if descriptors:
                socket.send_fds(self.socket, [_LENGTH.pack(len(message))], list(descriptors))
            else:
                self.socket.sendall(_LENGTH.pack(len(message)))
            self.socket.sendall(message)
        except OSError as error:
            raise ClosedError(str(error)) from error

    def wait(self, patience: float | None = None) -> bytes:
        """Return the next message as soon as there is one; ClosedError at the end of the channel, or of patience."""
        self.socket.settimeout(patience)
        while True:
            found = self._whole()
            if found is not None:
                return found
            self._read()

    def receive(self) -> bytes | None:
        """Return the next message if it has arrived whole, reading at most once and never waiting; else None.

        ClosedError at the end of the channel, OversizedError for a message that is too long.
        """
        found = self._whole()
        if found is None:
            self.socket.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                self._read()
                found = self._whole()
        return found

    def holds_message(self) -> bool:
        """Return whether :meth:`receive` has something to give, or to refuse, without reading."""
        return self._lacking() <= 0 or self._announced() > self._most

    def receive_descriptors(self, most: int) -> tuple[bytes, list[int]]:
        """Wait for a message that may carry descriptors, up to ``most`` of them, which no child inherits.

        Not one byte of the message after it is read: its descriptors would be lost.
        """
        self.socket.settimeout(None)
        found: list[int] = []
        while (message := self._whole()) is None:
            data, descriptors, _, _ = socket.recv_fds(self.socket, self._lacking(), most)
            if not data:
                raise ClosedError
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
            found += descriptors
            self._buffer += data
        return message, found

    def close(self) -> None:
        """Close this end."""
        self.socket.close()

    def _read(self) -> None:
        try:
            data = self.socket.recv(_AT_ONCE)
        except BlockingIOError:
            raise
        except OSError as error:  # reset by the other side
            raise ClosedError(str(error)) from error
        if not data:
            raise ClosedError
        self._buffer += data

    def _lacking(self) -> int:
        """Return how many bytes are lacking of the next message, or of its length; negative where more is held."""
        return _LENGTH.size + self._announced() - len(self._buffer)

    def _announced(self) -> int:
        """Return the length of the next message; 0 while it is not known."""
        return int(_LENGTH.unpack_from(self._buffer)[0]) if len(self._buffer) >= _LENGTH.size else 0

    def _whole(self) -> bytes | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > self._most:
            raise OversizedError(f"a message of {length} bytes, where {self._most} are the most")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return message


def channels(most: int) -> tuple[Channel, socket.socket]:
    """Return this side's channel and the other side's socket."""
    ours, theirs = socket.socketpair()
    return Channel(ours, most), theirs
