"""The statement of a credential: who, when, until when, about whom, what was awarded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from ..accreditation import Award
from ..organisations import UNKNOWN, Organisation
from ..outcome import malformed, over_limit
from ..report import Subject

T = TypeVar("T")
MOST = 256
"""Most claims and credentials in one statement, names and identifiers of one organisation."""
MOST_FIELDS = 32
"""Most fields of education of one award."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a credential, or a presentation of credentials, says of itself.

    `issuer` is who ought to have sealed it: of a presentation, the presentation's. `mandated` are
    the issuers of the credentials inside it, where they are others. `status` is the entry that says
    where its revocation would be found. What is not stated is None or empty.
    """

    credential: str | None = None
    issuer: Organisation = UNKNOWN
    mandated: tuple[Organisation, ...] = ()
    issued: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    status: Mapping[str, Any] | None = None
    subjects: tuple[Subject, ...] = ()
    awards: tuple[Award, ...] = ()


EMPTY_STATEMENT = Statement()


def read_time(text: object) -> datetime | None:
    """Return a time or date as it is written; one without a zone is taken as UTC.

    Raises:
        Rejection: TOTAL_FAILED/FORMAT_FAILURE: something else.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError as error:
        raise malformed("the statement holds a date that cannot be read") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """Return the values in their order, equal ones once."""
    return tuple(dict.fromkeys(values))


def limited(values: Iterable[T], what: str, most: int = MOST) -> Iterator[T]:
    """Yield the values, and no more than anybody needs.

    Raises:
        Rejection: INDETERMINATE/LIMIT_EXCEEDED: there are more.
    """
    for number, one in enumerate(values):
        if number >= most:
            raise over_limit(f"the statement has too many {what}", most)
        yield one


class Budget:
    """How many claims and credentials one statement may still name.

    They may refer to the same things over and over, so that small statements would take long.
    """

    def __init__(self) -> None:
        self._left = MOST

    def spend(self) -> None:
        """Count one more.

        Raises:
            Rejection: INDETERMINATE/LIMIT_EXCEEDED: there are too many.
        """
        self._left -= 1
        if self._left < 0:
            raise over_limit("the statement has too many claims", MOST)
