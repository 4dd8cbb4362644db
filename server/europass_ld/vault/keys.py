"""The keys: one for the whole store, and under it one for each credential.

A key of a credential exists in one file only; without it the credential is noise, wherever copies
of its files may be.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, StoreUnavailable
from .encryption import KEY_BYTES, SALT_BYTES, stretch, unwrap, wrap
from .files import UNFINISHED, make_folder, overwrite_and_remove, write

_STORE_KEY = "store.json"
_FORMAT = 1


class KeyRing:
    """The keys in `folder`.

    The key of the store wraps all others. It stands in `store.json`: itself wrapped by the
    operator's `secret` where there was one when it was made, else as it is.

    Raises:
        ConfigurationError: the secret is missing, or is not the one.
        StoreUnavailable: the keys are not there, or in a format that is not known.
    """

    def __init__(self, folder: Path, secret: str | None):
        self._folder = folder
        self.store_key = _store_key(folder / _STORE_KEY, secret)

    @classmethod
    def make(cls, folder: Path, secret: str | None) -> "KeyRing":
        """Make a key ring with a new key for the store."""
        make_folder(folder)
        key, salt = os.urandom(KEY_BYTES), os.urandom(SALT_BYTES)
        kept = wrap(stretch(secret, salt), key) if secret else key
        document = {
            "format": _FORMAT,
            "salt": b64encode(salt).decode() if secret else None,
            "key": b64encode(kept).decode(),
        }
        write(folder / _STORE_KEY, json.dumps(document).encode())
        return cls(folder, secret)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Tell whether there is a key ring in `folder`."""
        return (folder / _STORE_KEY).is_file()

    def new(self, name: str) -> bytes:
        """Make a key and keep it under `name`."""
        key = os.urandom(KEY_BYTES)
        write(self._folder / name, wrap(self.store_key, key))
        return key

    def get(self, name: str) -> bytes | None:
        """Return the key of that name; None without one.

        Raises:
            StoreUnavailable: its file is damaged.
        """
        try:
            wrapped = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        key = unwrap(self.store_key, wrapped)
        if key is None:
            raise StoreUnavailable("a key of the private store is damaged")
        return key

    def destroy(self, name: str) -> None:
        """Make what was encrypted with a key unreadable for ever."""
        overwrite_and_remove(self._folder / name)

    def names(self) -> Iterator[str]:
        """Yield the names of all keys."""
        for one in self._folder.iterdir():
            if one.name != _STORE_KEY and not one.name.startswith(UNFINISHED):
                yield one.name


def _store_key(file: Path, secret: str | None) -> bytes:
    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreUnavailable(f"the keys of the private store are not in {file.parent}") from error
    if document.get("format") != _FORMAT:
        raise StoreUnavailable(f"{file} is of a format that is not known here")
    kept = b64decode(document["key"])
    if document["salt"] is None:
        return kept
    key = unwrap(stretch(secret, b64decode(document["salt"])), kept) if secret else None
    if key is None:
        wrong = "is not the one that" if secret else "is not set, and"
        raise ConfigurationError(
            f"the setting private_secret {wrong} protects the keys of the private store in "
            f"{file.parent}",
            setting="private_secret",
        )
    return key
