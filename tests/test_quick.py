"""System calls that never wait."""

import socket
from pathlib import Path

import pytest

from europass_ld import quick


def test_what_a_socket_takes() -> None:
    """All that fits is sent, nothing when it is full, and the rest arrives as it was."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert quick.send(ours.fileno(), b"first") == 5
        data = b"x" * 2**24
        assert 0 < quick.send(ours.fileno(), data) < len(data)
        assert quick.send(ours.fileno(), b"more") == 0
        assert theirs.recv(5) == b"first"


def test_nobody_takes_it() -> None:
    """A socket whose other end is gone is an error, and no signal."""
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(BrokenPipeError):
        quick.send(ours.fileno(), b"lost")


def test_where_a_link_leads(tmp_path: Path) -> None:
    """The target as it was written; None without a link, an error where there is none to read."""
    link = tmp_path / "link"
    assert quick.read_link(str(link)) is None
    link.symlink_to("generations/7-ä")
    assert quick.read_link(str(link)) == "generations/7-ä"
    with pytest.raises(OSError, match="Invalid argument"):
        quick.read_link(str(tmp_path))
