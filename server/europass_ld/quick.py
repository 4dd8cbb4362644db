"""System calls that take no time, made without letting other threads go on meanwhile.

Python lets go of the interpreter's lock around each call, and then waits for its turn again: in a
busy server that costs many times what the call does. These keep the lock, and never wait.
"""

import ctypes
import errno
import os
from socket import MSG_DONTWAIT

_LONGEST_TARGET = 256

_system = ctypes.PyDLL(None, use_errno=True)  # PyDLL keeps the interpreter's lock
_readlink = _system.readlink
_readlink.restype = ctypes.c_ssize_t
_send = _system.send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t


def send(descriptor: int, data: bytes) -> int:
    """Send what a socket takes at once, and return how many bytes that are.

    Raises:
        OSError: the other end is gone.
    """
    sent: int = _send(descriptor, data, len(data), MSG_DONTWAIT)
    if sent >= 0:
        return sent
    number = ctypes.get_errno()
    if number == errno.EAGAIN:
        return 0
    raise OSError(number, os.strerror(number))


def read_link(path: str) -> str | None:
    """Return where a symbolic link leads (256 bytes at most), None where there is no link.

    Raises:
        OSError: it cannot be read.
    """
    target = ctypes.create_string_buffer(_LONGEST_TARGET)
    length = _readlink(os.fsencode(path), target, _LONGEST_TARGET)
    if length >= 0:
        return os.fsdecode(target.raw[:length])
    number = ctypes.get_errno()
    if number == errno.ENOENT:
        return None
    raise OSError(number, os.strerror(number), path)
