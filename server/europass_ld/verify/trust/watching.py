"""A trust folder for a process that runs for long."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from ..policy import DEFAULT_POLICY, Policy
from .store import TrustStore

_FILES = (
    "roots/seals/*.pem",
    "roots/time-stamps/*.pem",
    "lists/*.xml",
    "list-signers/*.pem",
    "revocation/*",
    "issuers.toml",
)

_State = frozenset[tuple[str, int, int]]


class TrustFolder:
    """Gives the trust store of a folder, read again when one of its files has changed.

    Without a folder nothing is trusted. Threads may share it.
    """

    def __init__(self, folder: Path | None, policy: Policy = DEFAULT_POLICY):
        self._folder = folder
        self._policy = policy
        self._lock = Lock()
        self._state: _State | None = None
        self._store = TrustStore()

    def current(self) -> TrustStore:
        """Return the store as the folder is now.

        Raises:
            ConfigurationError: the folder, or a file of the operator's in it, cannot be used.
        """
        if self._folder is None:
            return self._store
        with self._lock:
            state = frozenset(_files(self._folder))
            if state != self._state:
                self._store = TrustStore.load(self._folder, self._policy)
                self._state = state
            return self._store


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    for pattern in _FILES:
        for file in folder.glob(pattern):
            found = file.stat()
            yield str(file), found.st_mtime_ns, found.st_size
