"""Where the private store of a store directory is, as the settings say."""

from pathlib import Path

from ..config import Settings
from .vault import Vault


def open_vault(directory: Path, settings: Settings) -> Vault | None:
    """Return the private store of the store in `directory`; None where there is none yet.

    Raises:
        ConfigurationError: the setting private_secret is missing or wrong.
        StoreUnavailable: its keys are damaged.
    """
    folder, keys = _folders(directory, settings)
    if not Vault.is_in(folder, keys):
        return None
    return Vault(folder, keys, settings.private_secret, wait=settings.lock_wait)


def open_or_make_vault(directory: Path, settings: Settings) -> Vault:
    """Open the private store of the store in `directory` to write to it; make one if need be.

    Raises:
        ConfigurationError: the setting private_secret is missing or wrong.
        StoreUnavailable: its keys are damaged or not there, or another process writes.
    """
    folder, keys = _folders(directory, settings)
    return Vault.open_or_make(folder, keys, settings.private_secret, wait=settings.lock_wait)


def _folders(directory: Path, settings: Settings) -> tuple[Path, Path]:
    folder = settings.private or directory / "private"
    return folder, settings.private_keys or folder / "keys"
