"""Bring the trusted lists of a folder up to date, when the operator asks for it.

Everything is fetched and verified before anything is written: the list of lists along its pivots
from the Official Journal, each other list against the certificates that its pointer names. Then new
lists are written beside the old ones, the list of lists last. That rename is the moment of the
change: a reader before it finds the old state, one after it the new one, for of several lists that
verify the newest counts. What is superseded is removed at the end.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigurationError, TrustUpdateFailed
from ..outcome import Rejection
from ..policy import DEFAULT_POLICY, Policy
from .lists import Pointer, TrustedList
from .resolution import (
    LIST_OF_LISTS,
    Named,
    Problem,
    Resolved,
    pivots,
    read_lists,
    read_octets,
    resolve,
)

MAX_PIVOTS = 50
"""Most pivots that are followed; there were fewer than ten in the first ten years."""
_territory = re.compile(r"[A-Z]{2}").fullmatch

Fetch = Callable[[str], bytes]
"""Gives what is at an address; raises `TrustUpdateFailed` where that fails."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did: the lists that are new, those that were current, and what went wrong.

    `problems` name the addresses whose list could not be had; the one in the folder is kept.
    """

    replaced: tuple[TrustedList, ...]
    unchanged: tuple[TrustedList, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A list, and the octets it came in."""

    data: bytes
    list: TrustedList

    @property
    def file(self) -> str:
        """The name of its file: what it is, and which octets exactly."""
        one = self.list
        return f"{one.territory}-{one.sequence_number}-{one.digest[:12]}.xml"


def update_lists(
    folder: Path,
    fetch: Fetch,
    signers: frozenset[str],
    *,
    address: str = LIST_OF_LISTS,
    policy: Policy = DEFAULT_POLICY,
) -> Update:
    """Fetch the list of lists and all that it leads to, and put them into `folder`.

    `signers` (SHA-256 of certificates) may seal the list of lists beside the Official Journal's.

    Raises:
        TrustUpdateFailed: the list of lists cannot be had or does not verify; nothing has changed.
        ConfigurationError: the folder cannot be read or written; what was there still is.
    """
    held, _ = read_lists(folder, policy)
    known = resolve(held, signers, policy)
    top = _fetched(address, fetch, policy)
    chain, problems = _pivots(top.list, fetch, policy)
    before = _before(top, chain, held, signers, policy)
    _check_newer(top.list, known.top, address)
    lists, more = _countries(top.list, known, fetch, policy)
    files = {name for name, _ in held}
    _write(folder, [one for one in (*lists, *chain, top) if one.file not in files])
    _remove(folder, _superseded(held, [top, *chain, *lists], before))
    had = {one.digest for _, one in held}
    current = [one.list for one in (top, *lists)]
    return Update(
        tuple(one for one in current if one.digest not in had),
        tuple(one for one in current if one.digest in had),
        (*problems, *more),
    )


def _fetched(address: str, fetch: Fetch, policy: Policy) -> _Fetched:
    data = fetch(address)
    try:
        listed = read_octets(data, policy)
    except Rejection as rejection:
        raise TrustUpdateFailed(f"{address}: {rejection.message}", address=address) from rejection
    if not _territory(listed.territory):
        raise TrustUpdateFailed(f"{address}: a list of no country", address=address)
    return _Fetched(data, listed)


def _pivots(top: TrustedList, fetch: Fetch, policy: Policy) -> tuple[list[_Fetched], list[Problem]]:
    """Return the pivots that a list of lists names, and those that could not be had."""
    found, problems = [], []
    for address in pivots(top)[:MAX_PIVOTS]:
        try:
            one = _fetched(address, fetch, policy)
        except TrustUpdateFailed as failure:
            problems.append(Problem(address, failure.reason))
        else:
            if one.list.is_list_of_lists:
                found.append(one)
    return found, problems


def _before(
    top: _Fetched,
    chain: Sequence[_Fetched],
    held: Sequence[Named],
    signers: frozenset[str],
    policy: Policy,
) -> frozenset[str]:
    """Return the files of the folder that are needed to reach the list of lists; mostly none."""
    own = [(one.file, one.list) for one in (*chain, top)]
    earlier = [one for one in held if one[1].is_list_of_lists]
    for files in ([], earlier):
        reached = resolve([*files, *own], signers, policy).top
        if reached is not None and reached.digest == top.list.digest:
            return frozenset(name for name, _ in files)
    raise TrustUpdateFailed(
        f"{top.list.title} is not a list of lists that the certificates in the Official Journal"
        " lead to"
    )


def _check_newer(top: TrustedList, known: TrustedList | None, address: str) -> None:
    if known is not None and top.sequence_number < known.sequence_number:
        raise TrustUpdateFailed(
            f"{address}: {top.title} is older than {known.title}, which is in the folder",
            address=address,
        )


def _countries(
    top: TrustedList, known: Resolved, fetch: Fetch, policy: Policy
) -> tuple[list[_Fetched], list[Problem]]:
    """Return the lists that a list of lists points at, and those that could not be had."""
    found, problems = [], []
    for pointer in top.pointers:
        if pointer.is_list_of_lists:
            continue
        try:
            one = _fetched(pointer.location, fetch, policy)
            _check_country(one.list, pointer, known.lists.get(pointer.territory))
        except TrustUpdateFailed as failure:
            problems.append(Problem(pointer.location, failure.reason))
        else:
            found.append(one)
    return found, problems


def _check_country(listed: TrustedList, pointer: Pointer, known: TrustedList | None) -> None:
    if listed.is_list_of_lists or listed.territory != pointer.territory:
        raise TrustUpdateFailed(f"{listed.title} is not the list of {pointer.territory}")
    if listed.signer.sha256 not in pointer.certificates:
        raise TrustUpdateFailed(f"{listed.title}: its signer is not one that is named")
    if known is not None and listed.sequence_number < known.sequence_number:
        raise TrustUpdateFailed(f"{listed.title} is older than {known.title}, which is kept")


def _superseded(
    held: Sequence[Named], current: Sequence[_Fetched], before: frozenset[str]
) -> list[str]:
    """Return the files whose place newer lists have taken; what is not understood is left alone."""
    kept = {one.file for one in current} | before
    numbers = {
        (one.list.territory, one.list.is_list_of_lists): one.list.sequence_number
        for one in reversed(current)
    }
    return [
        name
        for name, one in held
        if name not in kept
        and one.sequence_number <= numbers.get((one.territory, one.is_list_of_lists), -1)
    ]


def _write(folder: Path, lists: Iterable[_Fetched]) -> None:
    """Write lists under names that are new; either all are there in the end, or none."""
    written: list[Path] = []
    draft = folder / ".draft"
    try:
        folder.mkdir(exist_ok=True)
        for one in lists:
            with draft.open("wb") as file:
                file.write(one.data)
                file.flush()
                os.fsync(file.fileno())
            written.append(draft.replace(folder / one.file))
    except OSError as error:
        _remove(folder, [one.name for one in written] + [draft.name])
        raise ConfigurationError(
            f"cannot write to {folder}: {error}", source=str(folder)
        ) from error


def _remove(folder: Path, files: Iterable[str]) -> None:
    for name in files:
        with suppress(OSError):
            (folder / name).unlink()
