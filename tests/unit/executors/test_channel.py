"""The channel between processes: messages arrive whole, with the descriptors that belong to them."""

from __future__ import annotations

import os

import pytest

from speccheck.executors.channel import Channel, ClosedError, OversizedError, channels


def test_descriptors_arrive_with_their_message_when_another_came_right_before() -> None:
    ours, end = channels(100)
    theirs = Channel(end, 100)
    with open(os.devnull, "rb") as first, open(os.devnull, "rb") as second:  # noqa: PTH123
        ours.send(b"without")
        ours.send(b"with one", [first.fileno()])
        ours.send(b"")
        ours.send(b"with two", [first.fileno(), second.fileno()])
        found = [theirs.receive_descriptors(2) for _ in range(4)]
    assert [message for message, _ in found] == [b"without", b"with one", b"", b"with two"]
    assert [len(descriptors) for _, descriptors in found] == [0, 1, 0, 2]
    for _, descriptors in found:
        for descriptor in descriptors:
            assert not os.get_inheritable(descriptor)
            os.close(descriptor)
    ours.close()
    with pytest.raises(ClosedError):
        theirs.receive_descriptors(2)
    theirs.close()


def test_a_message_arrives_in_parts() -> None:
    ours, end = channels(10)
    with end:
        end.sendall((3).to_bytes(8, "little"))
        assert ours.receive() is None
        end.sendall(b"ab")
        assert ours.receive() is None
        end.sendall(b"c" + (11).to_bytes(8, "little"))
        assert ours.receive() == b"abc"
        with pytest.raises(OversizedError):
            ours.receive()
    ours.close()


def test_a_message_that_was_read_with_another_is_held() -> None:
    """A reader that waits for the socket before it asks would wait for ever."""
    ours, end = channels(10)
    theirs = Channel(end, 10)
    assert not ours.holds_message()
    theirs.send(b"first")
    theirs.send(b"second")
    assert ours.receive() == b"first"
    assert ours.holds_message()
    assert ours.receive() == b"second"
    assert not ours.holds_message()
    theirs.send(b"first")
    theirs.send(b"longer than ten")
    assert ours.receive() == b"first"
    assert ours.holds_message()
    with pytest.raises(OversizedError):
        ours.receive()
    ours.close()
    theirs.close()


def test_what_nobody_reads_is_given_up() -> None:
    ours, end = channels(10)
    with end, pytest.raises(ClosedError):
        ours.send(bytes(1 << 22), patience=0.1)
    ours.close()
