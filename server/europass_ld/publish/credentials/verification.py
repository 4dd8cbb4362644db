"""`/verify`: what a credential's proof is worth, for people and for programs; nothing is kept."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from flask import Blueprint, Response, request
from werkzeug.formparser import FormDataParser

from ... import resources
from ...verify import Question, Status, VerificationReport
from ..language import Message
from ..negotiation import HTML, JSON, RDF, Representation, choose
from ..problems import Refusal
from ..responses import VARY, as_json, not_acceptable, page
from ..serialization import serialize
from ..site import site
from .allowed import COVERAGES, linking

blueprint = Blueprint("verification", __name__)

_SIGNED = Representation("jws", ("application/jose",), "application/jose")
_OFFERED = (JSON, HTML, *RDF, _SIGNED)
_FIELD = "document"
_FORM_BYTES = 4_096
"""What a form may have besides the document."""
_PARTS = 8

QUESTIONS: Mapping[Question, Message] = {
    Question.SEALED_BY: Message("Did the issuer it names seal it?"),
    Question.SEAL: Message("Is the seal whole and trusted?"),
    Question.ACCREDITATION: Message("Was the issuer allowed to award this?"),
    Question.VALIDITY: Message("Is it still valid?"),
    Question.SUBJECT: Message("Is it about the person who shows it?"),
}
"""The five questions, so that each can be answered by yes or no."""

STATUSES: Mapping[Status, tuple[str, Message]] = {
    Status.YES: ("good", Message("Yes")),
    Status.YES_WITH_RESERVE: ("warning", Message("Yes, with a reservation")),
    Status.NO: ("error", Message("No")),
    Status.UNCERTAIN: ("warning", Message("Not certain")),
    Status.NO_DATA: ("unknown", Message("Not known")),
}
"""The colour and the words of an answer; only a plain yes is green."""


@blueprint.get("/verify")
def verify_page() -> Response:
    """Let a person choose a file, or drop one."""
    return page("verify.html", **_form())


@blueprint.get("/.well-known/jwks.json")
def keys() -> Response:
    """Tell the public key of the operator, which signs reports and manifests; none may be set."""
    signer = site().signer
    return as_json(signer.key_set if signer else {"keys": []})


def _form() -> dict[str, Any]:
    """Return what the form shows: the largest size, whether we sign, and whether all is for show.

    It is for show where the roots that count are those of the demonstration.
    """
    settings = site().settings
    return {
        "most": settings.max_credential_bytes,
        "signs": site().signer is not None,
        "for_show": settings.trust == resources.demonstration() / "trust",
    }


@blueprint.post("/verify")
def verify_document() -> Response:
    """Verify the body, or the file of a form: a page, JSON, signed JSON, or RDF.

    Signed JSON (a JWS) is also to be had by `?format=jws`, for browsers ask for pages.
    """
    offered = _OFFERED if site().signer else _OFFERED[:-1]
    wanted = request.args.get("format")
    chosen = (
        choose(request.headers.get("Accept"), offered)
        if wanted is None
        else next((one for one in offered if one.name == wanted), None)
    )
    if chosen is None:
        raise not_acceptable(offered)
    octets, name = _document()
    report = site().verifier.verify(octets)
    response = _page(report, name) if chosen is HTML else _data(report, chosen)
    response.headers["Cache-Control"] = "no-store"
    return response


def _document() -> tuple[bytes, str | None]:
    """Return the octets to verify, and the name of the file where a form brought it.

    A form is read in memory: elsewhere large parts of one would go to temporary files.

    Raises:
        Refusal: there is no document.
    """
    most = site().settings.max_credential_bytes
    request.max_content_length = most + _FORM_BYTES
    if request.mimetype != "multipart/form-data":
        octets, name = request.get_data(cache=False), None
    else:
        parser = FormDataParser(_in_memory, max_form_memory_size=most, max_form_parts=_PARTS)
        _, _, files = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
        file = files.get(_FIELD)
        octets, name = (file.read(), file.filename) if file else (b"", None)
    if not octets:
        raise Refusal(
            "malformed-request",
            Message(
                "There is no document. Send it as the body, or as the file %(field)s of a form.",
                field=_FIELD,
            ),
        )
    return octets, name


def _in_memory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    del total_content_length, content_type, filename, content_length
    return BytesIO()


def _page(report: VerificationReport, name: str | None) -> Response:
    return page(
        "verified.html",
        report=report,
        name=name,
        questions=QUESTIONS,
        statuses=STATUSES,
        coverages=COVERAGES,
        link=linking(),
        **_form(),
    )


def _data(report: VerificationReport, chosen: Representation) -> Response:
    headers = {"Vary": VARY}
    signer = site().signer
    if chosen is _SIGNED and signer is not None:
        name = f"verification-{report.document_sha256[:12]}.jws"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        text = signer.envelop(report.to_json().encode())
        return Response(text, headers=headers, content_type=chosen.content_type)
    if chosen.format is None:
        return Response(report.to_json(), headers=headers, content_type=chosen.content_type)
    iri = f"ni:///sha-256;{report.document_sha256}"
    octets = serialize([(iri, report.to_ntriples(iri))], chosen.format)
    return Response(octets, headers=headers, content_type=chosen.content_type)
