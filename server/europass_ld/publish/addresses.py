"""Which IRI a request is about, and under which address a resource is shown.

No IO and no Flask here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, unquote_to_bytes

import pyoxigraph as ox

from ..errors import ConfigurationError

Network = IPv4Network | IPv6Network

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_KEPT = "/:?@!$'()*,;=~-._"
"""Characters that may stand in a query parameter as they are; `&`, `+`, `#` and `%` may not."""
PATH_SAFE = "/:@!$&'()*+,;=~-._%"
"""Characters that stay as they are in the path of an address that is made from an IRI."""
_LONGEST_TYPED = 100
_LIKENESS = 0.7
_BEYOND_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def parameter(iri: str) -> str:
    """Return the query that names an IRI: `?iri=…`."""
    return f"?iri={quote(iri, safe=_KEPT)}"


def document_of(iri: str) -> str:
    """Return an IRI without its fragment."""
    return iri.partition("#")[0]


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


PRIVATE_PATH = "/credentials"
"""What everything that is private is below."""


def is_private(path: str) -> bool:
    """Tell whether an address of this server is about credentials.

    However many slashes it begins with: they lead to the same routes.
    """
    return f"/{path.lstrip('/')}/".startswith(f"{PRIVATE_PATH}/")


@dataclass(frozen=True, slots=True)
class Origin:
    """The scheme and host (with port, if it is not the scheme's own) that a client asked for."""

    scheme: str
    host: str

    @property
    def name(self) -> str:
        """The host without its port."""
        return self.host.rpartition(":")[0] if _has_port(self.host) else self.host


def effective_origin(
    scheme: str,
    host: str,
    *,
    peer: str | None,
    trusted: Iterable[Network],
    forwarded_scheme: str = "",
    forwarded_host: str = "",
) -> Origin:
    """Return what the client asked for, also behind a proxy.

    What X-Forwarded-Proto and X-Forwarded-Host say counts only when `peer` is one of the `trusted`
    addresses or networks; of several values the last, which is the one that this proxy added.
    """
    if (forwarded_scheme or forwarded_host) and _is_trusted(peer, trusted):
        forwarded = _last(forwarded_scheme).lower()
        scheme = forwarded if forwarded in _DEFAULT_PORTS else scheme
        host = _last(forwarded_host) or host
    host = host.lower()
    default = f":{_DEFAULT_PORTS.get(scheme, '')}"
    return Origin(scheme, host.removesuffix(default) if _has_port(host) else host)


def effective_client(peer: str | None, forwarded_for: str, trusted: Iterable[Network]) -> str:
    """Return who asks: the last address on the way here that is no trusted proxy's.

    X-Forwarded-For counts only as far as trusted proxies wrote it, from its end. An IPv6 client is
    its network of 64 bits, of which everybody has all addresses.
    """
    trusted = tuple(trusted)
    hops = [peer or "", *(one.strip() for one in reversed(forwarded_for.split(",")))]
    known = peer or ""
    for hop in hops:
        if not _is_address(hop):
            break
        known = hop
        if not _is_trusted(hop, trusted):
            break
    if ":" in known and _is_address(known):
        mapped = IPv6Address(known.partition("%")[0]).ipv4_mapped
        return str(mapped or ip_network((known.partition("%")[0], 64), strict=False))
    return known


def is_loopback(address: str | None) -> bool:
    """Tell whether an address is this machine's own, to itself."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def authority(origin: Origin, hosts: Iterable[str]) -> str | None:
    """Return which of the authoritative hosts an origin is, None if it is another."""
    known = {one.lower() for one in hosts}
    return next((one for one in (origin.host, origin.name) if one in known), None)


def candidates(origin: Origin, hosts: Iterable[str], raw_path: str, query: str) -> Iterator[str]:
    """Yield the IRIs that a request to an authoritative host may mean, the likeliest first.

    Nothing for another host. A publisher may have written http or https, and characters beyond
    ASCII as they are or percent-encoded: what is in the store decides.
    """
    host = authority(origin, hosts)
    if host is None:
        return
    other = "http" if origin.scheme == "https" else "https"
    for tail in dict.fromkeys((f"?{query}" if query else "", "")):  # the query may be ours: ?lang=
        for scheme in (origin.scheme, other):
            for path in dict.fromkeys((raw_path, _readable(raw_path))):
                yield f"{scheme}://{host}{path}{tail}"


def near(path: str, addresses: Iterable[str]) -> list[str]:
    """Return the few of `addresses` that somebody who asked for `path` may have meant."""
    written = path[:_LONGEST_TYPED].rstrip("/").lower()
    return get_close_matches(written, addresses, n=3, cutoff=_LIKENESS)


def networks(given: Iterable[str], *, setting: str) -> tuple[Network, ...]:
    """Return the networks that a setting lists, as addresses or in prefix notation.

    Raises:
        ConfigurationError: one of them is neither.
    """
    try:
        return tuple(ip_network(one, strict=False) for one in given)
    except ValueError as error:
        raise ConfigurationError(
            f"{setting}: {error} (expected: addresses or networks, such as 10.0.0.0/8)",
            setting=setting,
        ) from error


def _readable(path: str) -> str:
    """Decode only what lies beyond ASCII: the difference between an IRI and its URI."""
    return _BEYOND_ASCII.sub(_decoded, path)


def _decoded(escapes: re.Match[str]) -> str:
    try:
        return unquote_to_bytes(escapes[0]).decode()
    except UnicodeDecodeError:
        return escapes[0]


def _has_port(host: str) -> bool:
    return host.rpartition("]")[2].rpartition(":")[2].isdigit() and ":" in host.rpartition("]")[2]


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(peer: str | None, trusted: Iterable[Network]) -> bool:
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    return any(address in network for network in trusted)
