"""Who asks for credentials: the bearer of a token, or a browser that signed in with one.

A program sends its token with each request (RFC 6750, `Authorization: Bearer`). A browser cannot,
so a form takes the token once and gives a cookie that ends soon, that scripts cannot read and that
no other site can make the browser send. It names the token, never holds it, and dies with it.
Whatever changes something from a page also needs the page's own proof, so that no other site can
have it done.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest, new
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from ...vault import Owner, Vault
from ..addresses import PRIVATE_PATH
from ..language import Message
from ..problems import Refusal
from ..site import site

PRIVATE_HEADERS = {"Cache-Control": "no-store, private", "Referrer-Policy": "same-origin"}
COOKIE = "europass-ld-owner"
_PURPOSE = "sessions"
_PROOF_FIELD = "proof"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The owner who asks; `proof` is what the forms on their pages send, None for programs."""

    owner: Owner
    vault: Vault
    proof: str | None = None


def signed_in() -> SignedIn:
    """Return who asks.

    Raises:
        Refusal: nobody, or with a token that is none, or that has ended.
    """
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    found = _bearer(given.strip()) if kind.lower() == "bearer" else _browser()
    if found is None:
        raise Refusal(
            "not-signed-in",
            Message("Send your token as Authorization: Bearer, or sign in with it on a page."),
            headers={"WWW-Authenticate": 'Bearer realm="credentials"'},
        )
    return found


def by_program() -> SignedIn:
    """Return who asks with a token in the header: a cookie does not count.

    Raises:
        Refusal: nobody does.
    """
    found = signed_in()
    if found.proof is not None:
        raise _not_from_here()
    return found


def by_form() -> SignedIn:
    """Return who sent a form that stands on one of our pages.

    Raises:
        Refusal: nobody is signed in, or the form comes from elsewhere.
    """
    check_sender()
    found = signed_in()
    proof = request.form.get(_PROOF_FIELD, "")
    if found.proof is None or not compare_digest(proof.encode(), found.proof.encode()):
        raise _not_from_here()
    return found


def check_sender() -> None:
    """Refuse a form that a page of another site sent.

    Raises:
        Refusal: the browser says so.
    """
    sender = request.headers.get("Origin")
    if sender is not None and urlsplit(sender).netloc != site().origin().host:
        raise _not_from_here()
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise _not_from_here()


def sign_in(response: Response) -> bool:
    """Put the cookie into a response if the form holds a token; return whether it does."""
    vault = site().vault()
    found = vault and vault.owners.holder(request.form.get("token", "").strip(), datetime.now(UTC))
    if not vault or not found:
        return False
    seconds = site().settings.sign_in_seconds
    text = f"{found[1].id}.{int(time.time()) + seconds}"
    response.set_cookie(
        COOKIE,
        f"{text}.{_sealed(vault, text)}",
        max_age=seconds,
        path=PRIVATE_PATH,
        secure=site().origin().scheme == "https",
        httponly=True,
        samesite="Strict",
    )
    return True


def sign_out(response: Response) -> None:
    """Let the browser forget the cookie."""
    response.delete_cookie(COOKIE, path=PRIVATE_PATH, httponly=True, samesite="Strict")


def _bearer(text: str) -> SignedIn | None:
    vault = site().vault()
    found = vault and vault.owners.holder(text, datetime.now(UTC))
    return SignedIn(found[0], vault) if vault and found else None


def _browser() -> SignedIn | None:
    cookie, vault = request.cookies.get(COOKIE), site().vault()
    if not cookie or not vault:
        return None
    text, _, seal = cookie.rpartition(".")
    if not compare_digest(_sealed(vault, text).encode(), seal.encode()):
        return None
    token_id, _, ends = text.partition(".")
    if int(ends) <= time.time():
        return None
    owner = vault.owners.with_token(token_id, datetime.now(UTC))
    return SignedIn(owner, vault, _sealed(vault, f"{_PROOF_FIELD} {cookie}")) if owner else None


def _sealed(vault: Vault, text: str) -> str:
    return new(vault.key_for(_PURPOSE), text.encode(), sha256).hexdigest()


def _not_from_here() -> Refusal:
    return Refusal(
        "not-from-here",
        Message("Nothing was changed. Please use the form on the page of the credential."),
    )
