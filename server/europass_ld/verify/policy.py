"""What is accepted: one frozen value, safe as it stands."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a verification accepts and how much it spends. Every default is the safe choice.

    Sizes are bytes. Which algorithms are accepted is no choice: see `algorithms`.
    """

    max_document_bytes: int = 16 * 2**20
    """Largest document; a larger one is not looked at."""
    max_depth: int = 100
    """Deepest nesting of JSON arrays and objects, or of XML elements."""
    max_nodes: int = 500_000
    """Most values in a JSON document, or elements in an XML one."""
    max_certificates: int = 64
    """Most certificates in one document, time-stamps included."""
    max_time_stamps: int = 16
    """Most time-stamps in one document, archive time-stamps included."""
    max_revocation_values: int = 64
    """Most OCSP responses and CRLs in one document."""
    max_evidence_bytes: int = 8 * 2**20
    """Most bytes of certificates, time-stamps and revocation data together."""
    max_path_length: int = 6
    """Most certificates from the signer to the anchor, both counted."""
    max_path_steps: int = 100
    """Most signatures tried while a certification path is searched."""
    max_proofs: int = 8
    """Most proofs in a Data Integrity proof set or chain."""
    canonicalization_seconds: int = 5
    """CPU time for the RDF canonicalisation of a document's proofs, divided among them in whole
    seconds; past it the worker is killed."""
    canonicalization_bytes: int = 1 * 2**30
    """Memory that the canonicalisation worker may have."""

    min_rsa_bits: int = 2048
    """Smallest RSA modulus of a seal, a time-stamp, a certificate or revocation data."""
    min_list_rsa_bits: int = 2048
    """Smallest RSA modulus of the seal on a trusted list. Norway's was sealed with 2,032 bits in
    2023: an operator who needs it sets 2032, which changes nothing for credentials."""
    clock_skew: timedelta = timedelta(minutes=5)
    """How far clocks of signers, time-stamp authorities and responders may differ."""
    require_revocation_data: bool = True
    """Whether each certificate between signer and anchor needs a good OCSP response or CRL; without
    one the verdict is INDETERMINATE/TRY_LATER. A revoked certificate never passes."""
    require_time_stamp_revocation_data: bool = False
    """The same for the certificates of time-stamp authorities. Off, because the profiles in use
    embed none for them; a revoked one never counts either way."""
    accept_stale_lists: bool = True
    """Whether a trusted list past its next update still counts. If so, the report says so and no
    answer that rests on it is a plain yes; if not, its anchors do not exist."""
    journal_notices: frozenset[str] = frozenset({"C 276/2019", "C/2026/1944"})
    """The notices in the Official Journal whose certificates may start the list of lists."""


DEFAULT_POLICY = Policy()
