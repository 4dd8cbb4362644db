"""The statement of a credential: who, when, until when, about whom, what was awarded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..accreditation import Award
from ..organisations import UNKNOWN, Organisation
from ..outcome import malformed
from ..report import Subject


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


def unique(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values in their order, equal ones once."""
    found: list[Any] = []
    for one in values:
        if one not in found:
            found.append(one)
    return tuple(found)
