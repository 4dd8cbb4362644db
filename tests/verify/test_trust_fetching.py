"""Fetching lists: https only, from a server that is who it says, within limits."""

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from europass_ld.errors import TrustUpdateFailed
from europass_ld.verify import Policy, TrustStore
from europass_ld.verify.trust import Fetcher
from tests.cli.test_documents import run

from .conftest import World
from .lists import QTST, Service, Union
from .pki import authority, name, party


class _Lists(BaseHTTPRequestHandler):
    """Serves lists by path, redirects, and answers that never end."""

    pages: dict[str, bytes]

    def do_GET(self) -> None:
        """Answer by the path."""
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" " * 10)
                time.sleep(0.05)
        elif self.path in self.pages:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.pages[self.path])
        else:
            self.send_error(404)

    def log_message(self, format: str, *given: object) -> None:  # noqa: A002 - of the base class
        """Say nothing."""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve over TLS under a certificate that this process trusts; the address of the server."""
    ca = authority("Test web CA")
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = party(name("localhost"), ca, extensions=[(names, False)])
    key = server.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(key + server.pem)
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    _Lists.pages = {}
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Lists)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://localhost:{listening.server_address[1]}"
    listening.shutdown()
    listening.server_close()


def test_the_command_updates_a_folder_over_the_network(
    host: str, tmp_path: Path, world: World
) -> None:
    """From an address on: list of lists, then the country's; `trust list` shows them."""
    union = Union.create()
    folder = tmp_path / "trust"
    (folder / "list-signers").mkdir(parents=True)
    (folder / "list-signers" / "top.pem").write_bytes(union.top.pem)
    services = (Service(world.ca), Service(world.tsa_root, QTST))
    _Lists.pages = {
        "/lotl.xml": union.list_of_lists(host=host),
        "/XX.xml": union.list(*services),
    }
    result = run("trust", "update", "--trust", folder, "--from", f"{host}/lotl.xml")
    assert result.exit_code == 0, result.output
    assert "new: list 400 (EU) of 2034-12-01" in result.stdout
    assert TrustStore.load(folder).lists["XX"].sequence_number == 7
    shown = run("trust", "list", "--trust", folder, "--at", "2035-06-01").stdout
    assert "XX  list 7" in shown
    assert "STALE" not in shown
    late = run("trust", "list", "--trust", folder, "--at", "2036-06-01").stdout
    assert late.count("STALE") == 2


def test_the_command_says_what_it_could_not_get(host: str, tmp_path: Path) -> None:
    """A country whose list is not there is code 3, no list of lists code 2, with the reasons."""
    union = Union.create()
    (tmp_path / "list-signers").mkdir()
    (tmp_path / "list-signers" / "top.pem").write_bytes(union.top.pem)
    _Lists.pages = {"/lotl.xml": union.list_of_lists(host=host)}
    partly = run("trust", "update", "--trust", tmp_path, "--from", f"{host}/lotl.xml")
    assert partly.exit_code == 3
    assert f"not updated: {host}/XX.xml: " in partly.stderr
    nothing = run("trust", "update", "--trust", tmp_path, "--from", f"{host}/none.xml")
    assert nothing.exit_code == 2
    assert "Not Found" in nothing.stderr


def test_redirects_stay_within_https(host: str) -> None:
    """One to https is followed, one to anything else is not."""
    _Lists.pages = {"/list": b"octets"}
    fetch = Fetcher()
    assert fetch(f"{host}/to/{host}/list") == b"octets"
    for elsewhere in ("http://localhost:9/", "file:///etc/hostname", "ftp://localhost/"):
        with pytest.raises(TrustUpdateFailed, match=r"not https|not allowed"):
            fetch(f"{host}/to/{elsewhere}")


def test_an_http_address_is_asked_by_https(host: str) -> None:
    """Some countries still publish an address with http; nothing is ever fetched that way."""
    _Lists.pages = {"/list": b"octets"}
    assert Fetcher()(f"{host}/list".replace("https:", "http:")) == b"octets"


@pytest.mark.parametrize(
    "address",
    ["", "list.xml", "file:///etc/hostname", "ftp://a.example/", "https://", "https:///x"],
)
def test_other_addresses_are_refused(address: str) -> None:
    """A list of lists that says so reads no file of this machine."""
    with pytest.raises(TrustUpdateFailed, match="not an https address"):
        Fetcher()(address)


def test_size_and_time_are_limited(host: str) -> None:
    """What is too large, or never ends, is given up."""
    small = replace(Policy(), max_document_bytes=100)
    _Lists.pages = {"/large": b" " * 10_000, "/fits": b" " * 800}
    assert len(Fetcher(small)(f"{host}/fits")) == 800
    with pytest.raises(TrustUpdateFailed, match="larger than 800 bytes"):
        Fetcher(small)(f"{host}/large")
    with pytest.raises(TrustUpdateFailed, match=r"more than 0\.2 seconds"):
        Fetcher(seconds=0.2)(f"{host}/endless")


def test_a_server_that_is_not_who_it_says_is_not_asked(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that nobody here trusts ends the connection."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(TrustUpdateFailed, match="certificate verify failed"):
        Fetcher()(f"{host}/list")
