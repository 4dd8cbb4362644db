"""OAI-PMH 2.0, which answers in XML whatever is accepted, and with 200 whatever is wrong.

<https://www.openarchives.org/OAI/openarchivesprotocol.html#HTTPRequestFormat>
"""

from datetime import UTC, datetime
from hashlib import blake2b

from flask import Blueprint, Response, g, request

from ...harvest.oai import Repository
from ..responses import REVALIDATE, conditional
from ..site import site

blueprint = Blueprint("oai", __name__)

_XML = "text/xml; charset=utf-8"


@blueprint.route("/oai", methods=["GET", "POST"])
def oai() -> Response:
    """Answer a request of a harvester."""
    given = request.form if request.method == "POST" else request.args
    pairs = list(given.items(multi=True))
    if request.method == "POST":
        return Response(_answer(pairs), content_type=_XML)
    # weak, because each response has its own date
    asked = blake2b(repr(sorted(pairs)).encode(errors="replace"), digest_size=8).hexdigest()
    return conditional(
        lambda: _answer(pairs),
        tag=f'W/"{g.sequence}-{asked}"',
        modified=site().reader.changed,
        cache_control=REVALIDATE,
        vary="Accept-Encoding",
        content_type=_XML,
    )


def _answer(pairs: list[tuple[str, str]]) -> bytes:
    settings = site().settings
    repository = Repository(
        site().reader,
        page_size=settings.feed_page_size,
        admin_email=settings.admin_email,
        most_bytes=settings.max_closure_bytes,
    )
    return repository.answer(pairs, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}").encode()
