"""What is kept for each owner: for each credential a folder of encrypted parts under one key."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from ..errors import StoreUnavailable, UnknownCredential
from .encryption import decrypt, derive, encrypt
from .files import UNFINISHED, locked, make_folder, remove_folder, sync, write
from .keys import KeyRing
from .owners import Owners

_PART = re.compile(r"[a-z0-9][a-z0-9-]*")
_WAIT_SECONDS = 10.0


class Vault:
    """The private store in `folder`, with its keys in `keys`.

    A credential is found below its owner only: for everybody else it is as if it were not there.
    Nothing has a name that says anything: ids are random. Whoever writes does so for a moment,
    alone; readers see a credential whole or not at all.

    Raises:
        ConfigurationError: the operator's secret is missing or wrong.
        StoreUnavailable: there is no private store, or its keys are not there.
    """

    def __init__(
        self, folder: Path, keys: Path, secret: str | None, *, wait: float = _WAIT_SECONDS
    ):
        if not folder.is_dir():
            raise StoreUnavailable(f"there is no private store in {folder}")
        self._folder = folder
        self._wait = wait
        self._keys = KeyRing(keys, secret)
        self.owners = Owners(folder, self._keys.store_key, wait)

    @classmethod
    def open_or_make(
        cls, folder: Path, keys: Path, secret: str | None, *, wait: float = _WAIT_SECONDS
    ) -> "Vault":
        """Open the private store to write to it; make an empty one where there is none.

        What a process left unfinished when it was stopped is cleared away.
        """
        make_folder(folder)
        with locked(folder, wait):
            if not KeyRing.is_in(keys):
                if any(folder.glob("credentials/*/*")):
                    raise StoreUnavailable(f"the keys of the private store are not in {keys}")
                KeyRing.make(keys, secret)
        vault = cls(folder, keys, secret, wait=wait)
        vault.clear()
        return vault

    @staticmethod
    def is_in(folder: Path, keys: Path) -> bool:
        """Tell whether there is a private store."""
        return folder.is_dir() and KeyRing.is_in(keys)

    def key_for(self, purpose: str) -> bytes:
        """Return a key for another purpose, the same each time."""
        return derive(self._keys.store_key, purpose)

    def keep(self, owner: str, id_: UUID, parts: Mapping[str, bytes]) -> None:
        """Keep a credential for the owner of a name, in one step; `id_` is a new one.

        Names of parts are of lower-case letters, digits and hyphens.
        """
        with locked(self._folder, self._wait):
            key = self._keys.new(str(id_))
            home = self._home(self.owners.ensure(owner).id)
            make_folder(home)
            draft = home / f"{UNFINISHED}new-{id_}"
            draft.mkdir(mode=0o700)
            for name, octets in parts.items():
                _write_part(draft, key, id_, name, octets)
            draft.rename(home / str(id_))
            sync(home)
            sync(home.parent)

    def has(self, owner_id: str, id_: UUID) -> bool:
        """Tell whether the owner has this credential."""
        return self._key(owner_id, id_) is not None

    def ids(self, owner_id: str) -> list[UUID]:
        """Return the credentials of an owner, in no order that says anything."""
        home = self._home(owner_id)
        if not home.is_dir():
            return []
        found = [UUID(one.name) for one in home.iterdir() if not one.name.startswith(UNFINISHED)]
        return sorted(one for one in found if self.has(owner_id, one))

    def parts(self, owner_id: str, id_: UUID) -> list[str]:
        """Return the names of the parts of a credential.

        Raises:
            UnknownCredential: the owner has none of this id.
        """
        self._needed_key(owner_id, id_)
        folder = self._home(owner_id) / str(id_)
        try:
            names = [one.name for one in folder.iterdir()]
        except FileNotFoundError as error:  # erased just now
            raise UnknownCredential from error
        return sorted(one for one in names if not one.startswith(UNFINISHED))

    def read(self, owner_id: str, id_: UUID, name: str) -> bytes:
        """Return one part of a credential.

        Raises:
            UnknownCredential: the owner has none of this id, or it has no such part.
            StoreUnavailable: the file is damaged.
        """
        key = self._needed_key(owner_id, id_)
        if not _PART.fullmatch(name):
            raise UnknownCredential
        try:
            sealed = (self._home(owner_id) / str(id_) / name).read_bytes()
        except FileNotFoundError as error:
            raise UnknownCredential from error
        return decrypt(key, sealed, f"{id_}/{name}")

    def write(self, owner_id: str, id_: UUID, name: str, octets: bytes) -> None:
        """Put a part beside the others, or in the place of the one of this name.

        Raises:
            UnknownCredential: the owner has none of this id.
        """
        with locked(self._folder, self._wait):
            key = self._needed_key(owner_id, id_)
            _write_part(self._home(owner_id) / str(id_), key, id_, name, octets)

    def erase(self, owner_id: str, id_: UUID) -> None:
        """Erase a credential for good: its key first, then its files.

        Raises:
            UnknownCredential: the owner has none of this id.
        """
        with locked(self._folder, self._wait):
            self._needed_key(owner_id, id_)
            self._keys.destroy(str(id_))
            remove_folder(self._home(owner_id) / str(id_))

    def clear(self) -> None:
        """Remove what was left unfinished, keys and files that miss each other, idle owners."""
        with locked(self._folder, self._wait):
            kept, found = set(self._keys.names()), set()
            for one in list(self._folder.glob("credentials/*/*")):
                if one.name in kept:
                    found.add(one.name)
                else:  # a draft, or what was being erased
                    shutil.rmtree(one)
            for name in kept - found:
                self._keys.destroy(name)
            self.owners.keep_only(lambda one: bool(one.tokens or self.ids(one.id)))

    def _home(self, owner_id: str) -> Path:
        return self._folder / "credentials" / owner_id

    def _key(self, owner_id: str, id_: UUID) -> bytes | None:
        """Return the key of a credential.

        The owner's folder alone decides whether it is there: looking for what is somebody else's
        does exactly the same as looking for what nobody has.
        """
        there = (self._home(owner_id) / str(id_)).is_dir()
        return self._keys.get(str(id_)) if there else None

    def _needed_key(self, owner_id: str, id_: UUID) -> bytes:
        key = self._key(owner_id, id_)
        if key is None:
            raise UnknownCredential
        return key


def _write_part(folder: Path, key: bytes, id_: UUID, name: str, octets: bytes) -> None:
    if not _PART.fullmatch(name):
        raise ValueError(f"not the name of a part: {name!r}")
    write(folder / name, encrypt(key, octets, f"{id_}/{name}"))
