"""Trust anchors: the operator's roots, EU trusted lists, issuers' keys, revocation snapshots."""

from pathlib import Path

from .policy import Policy


class TrustStore:
    """Everything that a verification trusts, read once from a folder; immutable, shareable.

    ::

        trust/
          roots/seals/*.pem         the operator's own anchors for seals
          roots/time-stamps/*.pem   the operator's own anchors for time-stamp authorities
          lists/*.xml               EU list of lists, its pivots, national trusted lists
          list-signers/*.pem        further certificates that may start the list of lists
          revocation/*              local OCSP responses and CRLs (DER or PEM)
          issuers.toml              which did:key may sign for which issuer
    """

    @classmethod
    def load(cls, folder: Path, policy: Policy | None = None) -> "TrustStore":
        """Read `folder`; lists that do not verify are left out and named in `problems`.

        Raises:
            ConfigurationError: a file is unreadable or not of its kind.
        """
        raise NotImplementedError
