"""The one way out: asks the SPARQL endpoints that the operator listed, and nobody else.

The name of an endpoint is resolved once; every address it has must be public, or in a network that
the operator named, and the connection goes to the very address that was looked at, so that a name
cannot mean another machine a moment later. Redirects are not followed, nothing of the client goes
along, and time and size are limited.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import EndpointFailed, QueryBusy

_RESULTS = "application/sparql-results+json"
_PART_BYTES = 64 * 2**10
_AT_ONCE = 4
_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Gateway:
    """What may be asked (`endpoints`, http or https IRIs), and within which limits.

    `networks` are those that are not public in which an endpoint may be all the same; `seconds`
    and `max_bytes` are for one answer.
    """

    endpoints: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    seconds: float = 10.0
    max_bytes: int = 10 * 2**20

    def ask(self, endpoint: str, query: str) -> bytes:
        """Return what an endpoint answers to a SELECT query, as SPARQL results in JSON.

        Raises:
            EndpointFailed: it is not listed, not reached, not answering in time, or not as asked.
            QueryBusy: too many others are being asked at this moment.
        """
        if endpoint not in self.endpoints:
            raise EndpointFailed(f"<{endpoint}> is not in the operator's list", endpoint=endpoint)
        if not _places.acquire(blocking=False):
            message = "other endpoints are being asked by too many queries at once"
            raise QueryBusy(message, limit="services", retry_after=_RETRY_SECONDS)
        ends = time.monotonic() + self.seconds
        try:
            answer = self._exchange(endpoint, query)
        except (OSError, http.client.HTTPException) as error:
            reason = "did not answer in time" if time.monotonic() >= ends else "failed"
            raise EndpointFailed(f"<{endpoint}> {reason}", endpoint=endpoint) from error
        finally:
            _places.release()
        if time.monotonic() >= ends:  # what there is of it was cut off
            raise EndpointFailed(f"<{endpoint}> did not answer in time", endpoint=endpoint)
        return answer

    def _exchange(self, endpoint: str, query: str) -> bytes:
        parts = urlsplit(endpoint)
        connection = _connection(parts, self._address(endpoint, parts), self.seconds)
        # a timeout of the socket is for one read only: who sends byte by byte is never late
        end = threading.Timer(self.seconds, _cut, (connection.sock,))
        end.start()
        try:
            connection.request(
                "POST",
                f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
                query.encode(),
                {
                    "Accept": _RESULTS,
                    "Accept-Encoding": "identity",
                    "Content-Type": "application/sparql-query; charset=utf-8",
                    "User-Agent": "europass-ld",
                },
            )
            with connection.getresponse() as response:
                return self._body(endpoint, response)
        finally:
            end.cancel()
            connection.close()

    def _body(self, endpoint: str, response: http.client.HTTPResponse) -> bytes:
        if response.status != HTTPStatus.OK:
            message = f"<{endpoint}> answered with status {response.status}"
            raise EndpointFailed(message, endpoint=endpoint)
        parts: list[bytes] = []
        size = 0
        while part := response.read1(_PART_BYTES):
            size += len(part)
            if size > self.max_bytes:
                message = f"the answer of <{endpoint}> is longer than {self.max_bytes} bytes"
                raise EndpointFailed(message, endpoint=endpoint)
            parts.append(part)
        return b"".join(parts)

    def _address(self, endpoint: str, parts: SplitResult) -> str:
        """Resolve the name of an endpoint, once; all addresses must be fit to be asked."""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        if not addresses or not all(map(self._is_fit, map(ip_address, addresses))):
            message = f"<{endpoint}> is in a network that is not to be reached from here"
            raise EndpointFailed(message, endpoint=endpoint)
        return addresses[0]

    def _is_fit(self, address: IPv4Address | IPv6Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        public = plain.is_global and not plain.is_multicast
        return public or any(plain in network for network in self.networks)


_places = threading.BoundedSemaphore(_AT_ONCE)
"""So many threads of this process may wait for others at once."""


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)


def _connection(parts: SplitResult, address: str, seconds: float) -> http.client.HTTPConnection:
    """Return a connection to an address that speaks, and checks certificates, under a name."""
    name, port = parts.hostname or "", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(name, port, timeout=seconds, context=context)
        plain = socket.create_connection((address, connection.port), seconds)
        connection.sock = context.wrap_socket(plain, server_hostname=name)
    else:
        connection = http.client.HTTPConnection(name, port, timeout=seconds)
        connection.sock = socket.create_connection((address, connection.port), seconds)
    return connection


def listed(endpoints: Sequence[str]) -> frozenset[str]:
    """Return endpoints as a list for a gateway.

    Raises:
        ValueError: one of them is no http or https IRI.
    """
    for one in endpoints:
        if urlsplit(one).scheme not in {"http", "https"} or not urlsplit(one).hostname:
            raise ValueError(one)
    return frozenset(endpoints)
