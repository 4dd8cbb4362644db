"""What keeps a worker from doing what no query may do. All of it is inherited by forked processes.

Each function tells whether its barrier holds: not every system allows each. The figures are those
of the Linux interface <https://docs.kernel.org/userspace-api/seccomp_filter.html>.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
import time
from pathlib import Path

_NEW_USER_NAMESPACE = 0x1000_0000
_NEW_NETWORK_NAMESPACE = 0x4000_0000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_KEEP_SPECULATION = 4
"""Without it older kernels slow the whole process down, as a guard against its own code."""

_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
_ALLOW = 0x7FFF_0000
_REFUSE = 0x0005_0000 | 13  # EACCES
_OTHER_NUMBERING = 0x4000_0000

_SYSTEMS = {
    # machine: its audit number, seccomp; socket, connect, io_uring_setup
    "x86_64": (0xC000_003E, 317, (41, 42, 425)),
    "aarch64": (0xC000_00B7, 277, (198, 203, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def die_with(parent: int) -> bool:
    """Have the kernel kill this process when its parent `parent` ends, however that ends."""
    holds = _is_linux() and not _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before it was watched
        os._exit(0)
    return holds


def leave_network() -> bool:
    """Move this process to a network of its own that has no way out, not even to itself.

    Call it before there are threads.
    """
    if not _is_linux():
        return False
    unshare = _libc().unshare
    # alone it needs a privilege; a user namespace gives that where the system allows one
    ways = (_NEW_NETWORK_NAMESPACE, _NEW_USER_NAMESPACE | _NEW_NETWORK_NAMESPACE)
    return any(unshare(way) == 0 for way in ways)


def refuse_sockets() -> bool:
    """Have the kernel refuse every new socket and connection of this process."""
    known = _SYSTEMS.get(platform.machine())
    if not _is_linux() or known is None or sys.maxsize < 2**32:
        return False
    audit, seccomp, refused = known
    code = _filter(audit, refused)
    program = _Program(len(code) // 8, code)
    libc = _libc()
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    refusal: int = libc.syscall(seccomp, _SET_MODE_FILTER, _KEEP_SPECULATION, ctypes.byref(program))
    return refusal == 0


def limit_memory(more: int) -> bool:
    """Have the kernel refuse this process more than `more` bytes beyond what it holds now."""
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    held = next(
        int(line.split()[1]) * 1024
        for line in status.read_text(encoding="ascii").splitlines()
        if line.startswith("VmData:")
    )
    _limit(resource.RLIMIT_DATA, held + more)
    return True


def limit_processor_time(more: float) -> None:
    """Have the kernel end this process when it has worked for `more` seconds and a little."""
    _limit(resource.RLIMIT_CPU, int(time.process_time() + more) + 2)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)  # the operator's own limit may be lower
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (soft, hard))


def _filter(audit: int, refused: tuple[int, ...]) -> bytes:
    """Return a filter program that allows all system calls but the `refused` ones."""
    checks = [(_IF_AT_LEAST, _OTHER_NUMBERING), *((_IF_EQUAL, number) for number in refused)]
    last = len(checks)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 0, last + 2, audit),
        (_LOAD, 0, 0, _NUMBER),
        *((test, last - place, 0, value) for place, (test, value) in enumerate(checks)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _is_linux() -> bool:
    return sys.platform == "linux"


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
