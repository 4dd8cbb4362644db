"""Certification paths, at a given time, from the certificates at hand to a trust anchor.

RFC 5280, section 6 <https://www.rfc-editor.org/rfc/rfc5280#section-6>, without what would need more
than the paths in use have: a CA certificate that constrains names or policies is refused, and so is
any critical extension that is not processed. An anchor is a name and a key; it ends the path, and
its own period and signature do not count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from . import certificates as x509
from .algorithms import check_strength
from .certificates import Certificate
from .outcome import Rejection, SubIndication, indeterminate, over_limit
from .policy import Policy

_PROCESSED = frozenset(
    {
        x509.BASIC_CONSTRAINTS,
        x509.KEY_USAGE,
        x509.EXTENDED_KEY_USAGE,
        x509.CERTIFICATE_POLICIES,
        x509.QC_STATEMENTS,
        x509.OCSP_NO_CHECK,
        "2.5.29.14",  # subject key identifier
        "2.5.29.35",  # authority key identifier
        "2.5.29.17",  # subject alternative name: no name of it is relied on
        "2.5.29.18",  # issuer alternative name: likewise
        "2.5.29.31",  # CRL distribution points: nothing is fetched
        "1.3.6.1.5.5.7.1.1",  # authority information access: likewise
    }
)
_CONSTRAINTS = frozenset(
    {
        "2.5.29.30",  # name constraints
        "2.5.29.36",  # policy constraints
        "2.5.29.54",  # inhibit anyPolicy
    }
)

Anchors = Callable[[bytes], Sequence[Certificate]]
"""Gives the trust anchors whose subject is a Name in DER."""


@dataclass(slots=True)
class PathBuilder:
    """Searches one path, with a budget of signatures that may be tried on the way.

    `pool` are the certificates at hand besides the one that a path is for.
    """

    pool: Sequence[Certificate]
    policy: Policy
    _steps: int = 0
    _by_subject: dict[bytes, list[Certificate]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the pool by subject."""
        for one in self.pool:
            self._by_subject.setdefault(one.subject, []).append(one)

    def build(
        self, leaf: Certificate, anchors: Anchors, moment: datetime
    ) -> tuple[Certificate, ...]:
        """Return the certificates from `leaf` to an anchor, all good at `moment`.

        Raises:
            Rejection: none was found, or the leaf was not valid, or the budget was spent.
        """
        self._check_period(leaf, moment)
        if leaf in anchors(leaf.subject):
            return (leaf,)
        _check_extensions(leaf)
        found = self._extend((leaf,), anchors, moment)
        if found is None:
            raise indeterminate(
                SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
                "no path leads from the certificate to anything that is trusted",
            )
        return found

    def _check_period(self, leaf: Certificate, moment: datetime) -> None:
        if not leaf.valid_at(moment):
            raise indeterminate(
                SubIndication.OUT_OF_BOUNDS_NO_POE,
                f"the certificate was valid from {leaf.not_before:%Y-%m-%d} to "
                f"{leaf.not_after:%Y-%m-%d}, and the seal is not proven to have existed then "
                f"(only at {moment:%Y-%m-%d})",
            )

    def _extend(
        self, path: tuple[Certificate, ...], anchors: Anchors, moment: datetime
    ) -> tuple[Certificate, ...] | None:
        last = path[-1]
        if len(path) == self.policy.max_path_length:
            return None
        for anchor in anchors(last.issuer):
            if self._signed(last, anchor):
                return (*path, anchor)
        for issuer in self._by_subject.get(last.issuer, ()):
            if issuer not in path and self._may_issue(issuer, len(path) - 1, moment):
                found = (
                    self._extend((*path, issuer), anchors, moment)
                    if self._signed(last, issuer)
                    else None
                )
                if found is not None:
                    return found
        return None

    def _signed(self, certificate: Certificate, issuer: Certificate) -> bool:
        self._steps += 1
        if self._steps > self.policy.max_path_steps:
            raise over_limit(
                "too many signatures on the way to an anchor", self.policy.max_path_steps
            )
        try:
            certificate.check_issued_by(issuer, self.policy.min_rsa_bits)
        except (Rejection, ValueError):
            return False
        return True

    def _may_issue(self, certificate: Certificate, below: int, moment: datetime) -> bool:
        """Tell whether a CA certificate may stand above `below` further CA certificates."""
        if not certificate.valid_at(moment):
            return False
        try:
            _check_extensions(certificate)
            constraints, usage = certificate.basic_constraints(), certificate.key_usage()
        except (Rejection, ValueError):
            return False
        short = constraints.path_length is not None and constraints.path_length < below
        return constraints.ca and not short and usage is not None and x509.KEY_CERT_SIGN in usage


def _check_extensions(certificate: Certificate) -> None:
    for oid, extension in certificate.extensions.items():
        if oid in _CONSTRAINTS or (extension.critical and oid not in _PROCESSED):
            raise indeterminate(
                SubIndication.CHAIN_CONSTRAINTS_FAILURE,
                f"a certificate with extension {oid}, which is not processed here",
            )


def check_sealing_certificate(certificate: Certificate, policy: Policy) -> None:
    """Make sure that a certificate may seal: a strong key, and one that is for signatures.

    Raises:
        Rejection: it may not.
    """
    check_strength(certificate.key, policy.min_rsa_bits)
    try:
        usage = certificate.key_usage()
        is_ca = certificate.basic_constraints().ca
    except ValueError as error:
        raise indeterminate(
            SubIndication.CHAIN_CONSTRAINTS_FAILURE, "a certificate with a malformed extension"
        ) from error
    signing = {x509.DIGITAL_SIGNATURE, x509.CONTENT_COMMITMENT}
    if is_ca or usage is None or not usage & signing:
        raise indeterminate(
            SubIndication.CHAIN_CONSTRAINTS_FAILURE,
            "the certificate is not one for sealing (its key usage says otherwise)",
        )
