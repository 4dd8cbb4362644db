"""The names that harvesters meet: of datasets in paths and sets, and of activities."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_LONGEST = 40
_others = re.compile(r"[^a-z0-9]+")


def dataset_name(iri: str) -> str:
    """Return a short name of a dataset: letters, digits and hyphens, the same on every machine.

    The end of its IRI makes it readable, eight digits of its SHA-256 make it its own.
    """
    last = iri.rstrip("/#").rpartition("/")[2].lower()
    readable = _others.sub("-", last)[:_LONGEST].strip("-")
    digest = hashlib.sha256(iri.encode()).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else digest


def activity_iri(base: str, sequence: int, record: str) -> str:
    """Return the IRI of what event `sequence`, which is of one dataset, did to a record."""
    name = urlsafe_b64encode(record.encode()).decode().rstrip("=")
    return f"{base}id/activity/{sequence}/{name}"


def activity_record(name: str) -> str | None:
    """Return the record that the last part of an activity's IRI names; None if it names none."""
    try:
        iri = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except ValueError:
        return None
    return iri if activity_iri("", 0, iri).endswith(f"/{name}") else None
