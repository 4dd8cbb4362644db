"""What is kept of a credential, as values: the one place that knows the parts and their structure.

Parts: `original`, `statement`, `added`, `facts`, `validation`, `report-1`, `report-2` …, and one of
a random name for each file that the credential carries.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ..errors import UnknownCredential
from ..vault import Vault
from ..verify import VerificationReport

ORIGINAL, STATEMENT, ADDED, FACTS, VALIDATION = (
    "original",
    "statement",
    "added",
    "facts",
    "validation",
)
_REPORT = "report-"


@dataclass(frozen=True, slots=True, repr=False)
class KeptFile:
    """A file that a credential carries: its name in addresses, the part that holds it, its type."""

    name: str
    part: str
    media_type: str
    size: int
    media_object: str


@dataclass(frozen=True, slots=True, repr=False)
class KeptAddition:
    """One statement that conversion added, and why."""

    subject: str
    property: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Facts:
    """What a credential is. `iri` is what it calls itself, `titles` are by language ("": none)."""

    family: str
    version: str
    iri: str
    titles: Mapping[str, str]
    kept: datetime
    sha256: str
    size: int
    media_type: str
    converted: bool
    files: tuple[KeptFile, ...] = ()
    additions: tuple[KeptAddition, ...] = ()

    def to_bytes(self) -> bytes:
        """Return them as JSON."""
        return json.dumps({**asdict(self), "kept": self.kept.isoformat()}).encode()

    @classmethod
    def from_bytes(cls, octets: bytes) -> "Facts":
        """Read what `to_bytes` wrote."""
        read: dict[str, Any] = json.loads(octets)
        return cls(
            **{
                **read,
                "kept": datetime.fromisoformat(read["kept"]),
                "files": tuple(KeptFile(**one) for one in read["files"]),
                "additions": tuple(KeptAddition(**one) for one in read["additions"]),
            }
        )


@dataclass(frozen=True, slots=True, repr=False)
class KeptReport:
    """A verification report that was kept.

    `document` is what `VerificationReport.to_json` documents, `ntriples` the same as RDF; `since`
    is when this result was first found, `document["verified_at"]` when it was found last.
    """

    number: int
    since: datetime
    document: Mapping[str, Any]
    ntriples: str

    @property
    def verdict(self) -> str:
        """The indication with its sub-indication, such as INDETERMINATE/NO_SIGNATURE."""
        sub = self.document["sub_indication"]
        return f"{self.document['indication']}{f'/{sub}' if sub else ''}"

    @property
    def passed(self) -> bool:
        """Whether the seal is TOTAL_PASSED."""
        return bool(self.document["passed"])

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(
            {
                "since": self.since.isoformat(),
                "document": self.document,
                "ntriples": self.ntriples,
            }
        ).encode()


@dataclass(frozen=True, slots=True, repr=False)
class KeptCredential:
    """A credential in the private store; what it holds is decrypted when it is asked for.

    `iri` is its random IRI here.
    """

    vault: Vault
    owner_id: str
    id: UUID
    iri: str

    def facts(self) -> Facts:
        """Return what it is."""
        return Facts.from_bytes(self._part(FACTS))

    def original(self) -> bytes:
        """Return the octets as they were received."""
        return self._part(ORIGINAL)

    def statement(self) -> str:
        """Return N-Triples of what its octets say, and nothing else."""
        return self._part(STATEMENT).decode()

    def added(self) -> str:
        """Return N-Triples of what conversion added: nothing of it is sealed."""
        return self._part(ADDED).decode()

    def validation(self) -> dict[str, Any]:
        """Return the validation report, as `ValidationReport.to_json` documents it."""
        report: dict[str, Any] = json.loads(self._part(VALIDATION))
        return report

    def file(self, name: str) -> tuple[KeptFile, bytes]:
        """Return a file that it carries, by its name.

        Raises:
            UnknownCredential: it carries none of this name.
        """
        for one in self.facts().files:
            if one.name == name:
                return one, self._part(one.part)
        raise UnknownCredential

    def report_numbers(self) -> list[int]:
        """Return the numbers of its verification reports, from 1; the last is the newest."""
        names = self.vault.parts(self.owner_id, self.id)
        return sorted(int(one.removeprefix(_REPORT)) for one in names if one.startswith(_REPORT))

    def report(self, number: int | None = None) -> KeptReport:
        """Return one of its verification reports, the newest by default.

        Raises:
            UnknownCredential: it has none of this number.
        """
        chosen = self.report_numbers()[-1] if number is None else number
        read = json.loads(self._part(f"{_REPORT}{chosen}"))
        since = datetime.fromisoformat(read["since"])
        return KeptReport(chosen, since, read["document"], read["ntriples"])

    def put(self, report: KeptReport) -> None:
        """Keep a verification report under its number."""
        self.vault.write(self.owner_id, self.id, f"{_REPORT}{report.number}", report.to_bytes())

    def erase(self) -> None:
        """Erase it for good."""
        self.vault.erase(self.owner_id, self.id)

    def _part(self, name: str) -> bytes:
        return self.vault.read(self.owner_id, self.id, name)


def kept_report(
    verdict: VerificationReport, number: int, since: datetime, credential_iri: str
) -> KeptReport:
    """Return a verification report as it is kept; its IRI is ours, whatever the document says."""
    iri = f"{credential_iri}/verification/{number}"
    document = json.loads(verdict.to_json())
    return KeptReport(number, since, document, verdict.to_ntriples(iri, credential_iri))


def report_part(report: KeptReport) -> tuple[str, bytes]:
    """Return the name and the octets of the part that holds a report."""
    return f"{_REPORT}{report.number}", report.to_bytes()


def credential_iri(base: str, id_: UUID) -> str:
    """Return the IRI of a credential here."""
    return f"{base}credentials/{id_}"


def kept_credential(vault: Vault, base: str, owner_id: str, id_: UUID) -> KeptCredential:
    """Return a credential of an owner.

    Raises:
        UnknownCredential: the owner has none of this id.
    """
    if not vault.has(owner_id, id_):
        raise UnknownCredential
    return KeptCredential(vault, owner_id, id_, credential_iri(base, id_))


def kept_credentials(vault: Vault, base: str, owner_ids: Sequence[str]) -> Iterator[KeptCredential]:
    """Yield the credentials of some owners."""
    for owner_id in owner_ids:
        for id_ in vault.ids(owner_id):
            yield KeptCredential(vault, owner_id, id_, credential_iri(base, id_))
