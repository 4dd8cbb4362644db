"""A verification report as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .accreditation import AccreditationResult, Assessment

if TYPE_CHECKING:
    from .report import VerificationReport

VERSION = 1
"""The version of the structure that `VerificationReport.to_json` writes."""

_AS_THEY_ARE = (
    "indication",
    "sub_indication",
    "message",
    "passed",
    "stale",
    "verified_at",
    "format",
    "profile",
    "level",
    "archive_time_stamps",
    "qualification",
    "signer",
    "claimed_signing_time",
    "best_signature_time",
    "time_stamps",
    "anchor",
    "lists",
    "checks",
    "credential",
)


def report_members(report: "VerificationReport", *, personal: bool) -> dict[str, Any]:
    """Return the members of the JSON object that `VerificationReport.to_json` documents."""
    signed = report.signed_document
    members = {
        "version": VERSION,
        **{name: _plain(getattr(report, name)) for name in _AS_THEY_ARE},
        "document": {"sha256": report.document_sha256, "bytes": report.document_bytes},
        "signed_document": None
        if signed is None
        else {
            "sha256": sha256(signed.octets).hexdigest(),
            "bytes": len(signed.octets),
            "media_type": signed.media_type,
        },
        "answers": {
            one.question.value: {
                "status": one.status.value,
                "explanation": one.explanation,
                "reasons": _plain(one.reasons),
            }
            for one in report.answers
        },
        "accreditations": [result_members(one) for one in report.accreditations],
    }
    return members | ({"subjects": _plain(report.subjects)} if personal else {})


def to_text(members: Mapping[str, Any]) -> str:
    """Return JSON text."""
    return json.dumps(members, ensure_ascii=False, indent=1)


def result_members(result: AccreditationResult) -> dict[str, Any]:
    """Return the members of the JSON object for the answer to one award."""
    return {
        "coverage": result.coverage.value,
        "award": _plain(result.award),
        "assessments": [_assessment(one) for one in result.assessments],
    }


def _assessment(one: Assessment) -> dict[str, Any]:
    found = one.accreditation
    return {
        "accreditation": found.iri,
        "source": found.source,
        "title": found.title,
        "accrediting_agent": found.accrediting_agent,
        "issued": _plain(found.issued),
        "expires": _plain(found.expires),
        "coverage": one.coverage.value,
        "reasons": list(one.reasons),
    }


def _plain(value: Any) -> Any:
    """Return a value of this package as JSON has it: sets in order, times in ISO 8601."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return [_plain(one) for one in sorted(value)]
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
