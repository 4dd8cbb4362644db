"""Fetching trusted lists: the one place of verification that goes to the network.

Only https, only when the operator asks for it, within limits of size and time.
"""

import time
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from ... import __version__
from ...errors import TrustUpdateFailed
from ..policy import DEFAULT_POLICY, Policy
from .resolution import max_list_bytes

_CHUNK = 2**16


class _OnlyHttps(HTTPRedirectHandler):
    """Follows redirects to https, and no others."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        """Refuse a redirect that would leave https."""
        if urlsplit(newurl).scheme != "https":
            raise URLError("it leads to an address that is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Fetcher:
    """Gets what is at an https address; a list of lists that says http is asked by https."""

    def __init__(self, policy: Policy = DEFAULT_POLICY, *, seconds: float = 60.0):
        self._most = max_list_bytes(policy)
        self._seconds = seconds
        self._opener: OpenerDirector = build_opener(_OnlyHttps)

    def __call__(self, address: str) -> bytes:
        """Return the octets at an address.

        Raises:
            TrustUpdateFailed: they cannot be had, are too many, or take too long.
        """
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TrustUpdateFailed(f"{address}: not an https address", address=address)
        wanted = parts._replace(scheme="https").geturl()
        end = time.monotonic() + self._seconds
        try:
            return self._read(wanted, end)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise TrustUpdateFailed(f"{address}: {reason}", address=address) from error

    def _read(self, address: str, end: float) -> bytes:
        headers = {"User-Agent": f"europass-ld/{__version__}"}
        request = Request(address, headers=headers)  # noqa: S310 - https, see above
        data = bytearray()
        with self._opener.open(request, timeout=self._seconds) as answer:
            while chunk := answer.read1(_CHUNK):
                data += chunk
                if len(data) > self._most:
                    raise ValueError(f"larger than {self._most:,} bytes")
                if time.monotonic() > end:
                    raise TimeoutError(f"it took more than {self._seconds:g} seconds")
        return bytes(data)
