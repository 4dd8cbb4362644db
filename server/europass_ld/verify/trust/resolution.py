"""Which lists count: from the Official Journal along the pivots to the list of lists, then on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigurationError
from ..outcome import Rejection, over_limit
from ..policy import Policy
from .journal import NOTICES
from .lists import LIST_SIZE_FACTOR, TrustedList, read_list

LIST_OF_LISTS = "https://ec.europa.eu/tools/lotl/eu-lotl.xml"
"""Where the European Commission publishes the list of lists."""
_PIVOT = "eu-lotl-pivot"

Named = tuple[str, TrustedList]
"""A list whose own seal holds, and the name of its file or its address."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A list that is not used, by the name of its file or its address, and why."""

    file: str
    message: str

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.file}: {self.message}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The list of lists that is reached, the lists that it leads to by territory, and the rest."""

    top: TrustedList | None
    lists: Mapping[str, TrustedList]
    problems: Sequence[Problem]


def max_list_bytes(policy: Policy) -> int:
    """Return the size of the largest list that is read."""
    return policy.max_document_bytes * LIST_SIZE_FACTOR


def read_octets(data: bytes, policy: Policy) -> TrustedList:
    """Verify the seal of a list and read it.

    Raises:
        Rejection: it is too large, its seal does not hold, or it is no trusted list.
    """
    limit = max_list_bytes(policy)
    if len(data) > limit:
        raise over_limit("the list is too large in bytes", limit)
    return read_list(data, hashlib.sha256(data).hexdigest(), policy)


def read_lists(folder: Path, policy: Policy) -> tuple[list[Named], list[Problem]]:
    """Return the lists of a folder whose own seal holds, and what was refused.

    Raises:
        ConfigurationError: a file cannot be read.
    """
    found, problems = [], []
    for file in sorted(folder.glob("*.xml")):
        try:
            with file.open("rb") as stream:
                data = stream.read(max_list_bytes(policy) + 1)
            found.append((file.name, read_octets(data, policy)))
        except OSError as error:
            raise ConfigurationError(f"cannot read {file}: {error}", source=str(file)) from error
        except Rejection as rejection:
            problems.append(Problem(file.name, rejection.message))
    return found, problems


def resolve(found: Sequence[Named], signers: frozenset[str], policy: Policy) -> Resolved:
    """Tell which lists count; `signers` may seal the list of lists beside the Official Journal's.

    Those are SHA-256 of certificates, hexadecimal.
    """
    problems: list[Problem] = []
    roots = signers.union(*(NOTICES[name].certificates for name in policy.journal_notices))
    top = _list_of_lists([one for one in found if one[1].is_list_of_lists], roots, problems)
    lists: dict[str, TrustedList] = {}
    for file, listed in found:
        if listed.is_list_of_lists:
            continue
        if top is None or listed.signer.sha256 not in _named(top, listed.territory):
            problems.append(_stranger(file, listed))
            continue
        known = lists.get(listed.territory)
        if known is None or known.sequence_number < listed.sequence_number:
            lists[listed.territory] = listed
    return Resolved(top, lists, problems)


def pivots(top: TrustedList) -> tuple[str, ...]:
    """Return the addresses of the pivots of a list of lists: those that lead to its signer."""
    return tuple(one for one in top.locations if _PIVOT in one)


def _list_of_lists(
    found: Sequence[Named], roots: frozenset[str], problems: list[Problem]
) -> TrustedList | None:
    """Return the newest list of lists that is reached; each one names who may seal the next.

    A list must be issued after the one before it, while its signer's certificate was valid: a key
    that was once published cannot seal a list long after its time.
    """
    last: TrustedList | None = None
    allowed = roots
    for file, listed in sorted(found, key=lambda one: one[1].sequence_number):
        in_order = last is None or last.issued <= listed.issued
        if listed.signer.sha256 in allowed and in_order and listed.signer.valid_at(listed.issued):
            last = listed
            allowed = roots | _named(listed, listed.territory, lists=True)
        else:
            problems.append(_stranger(file, listed))
    return last


def _stranger(file: str, listed: TrustedList) -> Problem:
    return Problem(file, f"{listed.title}: its signer is not one that is named")


def _named(listed: TrustedList, territory: str, *, lists: bool = False) -> frozenset[str]:
    return frozenset().union(
        *(
            one.certificates
            for one in listed.pointers
            if one.territory == territory and one.is_list_of_lists is lists
        )
    )
