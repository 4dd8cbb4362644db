"""Frames arrive as they were sent, however the bytes between are cut."""

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.queries.wire import Channel, frame

_FRAMES = st.lists(
    st.tuples(st.sampled_from([b"h", b"d", b"e"]), st.binary(max_size=300)), max_size=8
)


@settings(max_examples=60)
@given(frames=_FRAMES, cut=st.integers(1, 50))
def test_frames_survive_any_cut(frames: list[tuple[bytes, bytes]], cut: int) -> None:
    """What is received is what was sent, and then nothing but the end."""
    ours, theirs = socket.socketpair()
    data = b"".join(frame(kind, payload) for kind, payload in frames)
    with ours, theirs:
        for start in range(0, len(data), cut):
            theirs.sendall(data[start : start + cut])
        theirs.shutdown(socket.SHUT_WR)
        channel = Channel(ours)
        assert [channel.receive() for _ in frames] == frames
        with pytest.raises(EOFError):
            channel.receive()


@given(data=st.binary(max_size=64))
@settings(max_examples=60)
def test_nonsense_ends_and_nothing_else(data: bytes) -> None:
    """Bytes that are no frames are the end of the conversation, and take no memory."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data + b"\xff" * 5)
        theirs.shutdown(socket.SHUT_WR)
        channel = Channel(ours)
        with pytest.raises(EOFError):
            list(iter(channel.receive, None))


def test_a_cut_wakes_who_reads() -> None:
    """A thread that waits for a frame is told at once that none will come."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(EOFError):
            channel.receive()
        ended.set()

    with ours, theirs:
        thread = threading.Thread(target=read)
        thread.start()
        channel.cut()
        channel.cut()
        assert ended.wait(2)
        thread.join()
