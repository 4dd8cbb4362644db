"""How large a credential may be. It is held in memory whole, so the limits are tight."""

from dataclasses import dataclass

from ..errors import LimitExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialLimits:
    """Limits for one credential or presentation.

    `max_bytes`: the document. `max_depth`: elements or JSON values inside each other.
    `max_values`: elements and attributes, or JSON values, roughly. `max_text_length`: one text in
    characters; images stand in credentials as base64 text, and libxml2 itself stops at 10,000,000.
    """

    max_bytes: int = 32 * 2**20
    max_depth: int = 100
    max_values: int = 500_000
    max_text_length: int = 10_000_000

    def check_size(self, size: int, name: str) -> None:
        """Refuse a document of `size` bytes if that is too many."""
        self._check("max_bytes", "bytes", size, name)

    def check_values(self, number: int, name: str) -> None:
        """Refuse a document of `number` values if that is too many."""
        self._check("max_values", "values", number, name)

    def check_text(self, length: int, name: str) -> None:
        """Refuse a text of `length` characters if that is too long."""
        self._check("max_text_length", "characters in one text", length, name)

    def too_deep(self, name: str) -> LimitExceeded:
        """Return the error for what is nested deeper than `max_depth`."""
        return LimitExceeded(
            f"{name}: nested deeper than the limit max_depth allows ({self.max_depth})",
            limit="max_depth",
            allowed=self.max_depth,
            file=name,
        )

    def _check(self, limit: str, what: str, met: int, name: str) -> None:
        allowed = int(getattr(self, limit))
        if met > allowed:
            raise LimitExceeded(
                f"{name}: more {what} than the limit {limit} allows ({allowed:,})",
                limit=limit,
                allowed=allowed,
                file=name,
            )


DEFAULT_LIMITS = CredentialLimits()
