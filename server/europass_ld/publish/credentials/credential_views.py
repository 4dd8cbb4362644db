"""Credentials, for their owner alone: what they say, whether the seal holds, erasing them.

Whoever is not the owner learns nothing: without a token every address asks for one, and with
somebody else's a credential that is there is the same as one that is not.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ... import __version__
from ...errors import UnknownCredential
from ...ingest import KeptCredential, kept_credential, kept_credentials
from ...signing import Signer
from ..addresses import PRIVATE_PATH as PATH
from ..labels import best
from ..language import Message
from ..negotiation import ERROR, HTML, JSON, RDF, RESOURCE, Representation, choose
from ..problems import Refusal, problem_for
from ..responses import as_json, chosen_of, extension_of, not_acceptable, page, problem_response
from ..serialization import serialize
from ..site import reader_languages, site
from .credential_page import things
from .owners import SignedIn, by_form, by_program, check_sender, sign_in, sign_out, signed_in
from .verification import QUESTIONS, STATUSES

blueprint = Blueprint("credentials", __name__, url_prefix=PATH)

_LIST = (JSON, HTML)
_REPORT = (JSON, *RDF, HTML)
_ONE = "/<uuid:id_>"
_SUFFIX = f"<any({', '.join(extension_of(one) for one in RESOURCE)}):suffix>"
_RDF_SUFFIX = f"<any({', '.join(extension_of(one) for one in RDF)}):suffix>"
_REPORT_SUFFIX = f"<any({', '.join(extension_of(one) for one in _REPORT)}):suffix>"
_EXTENSIONS = {
    "application/xml": "xml",
    "application/ld+json": "jsonld",
    "application/jose": "jws",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_WORDS: Mapping[str, Any] = {"questions": QUESTIONS, "statuses": STATUSES}
_NOTHING_RUNS = "default-src 'none'; sandbox"


@blueprint.get("")
def credentials() -> AnyResponse:
    """List the credentials of whoever asks."""
    who = signed_in()
    chosen = choose(request.environ.get("HTTP_ACCEPT"), _LIST)
    if chosen is None:
        raise not_acceptable(_LIST)
    found = list(kept_credentials(who.vault, site().base, [who.owner.id]))
    if chosen is HTML:
        wanted = reader_languages()
        listed = [
            (_path(one), best(one.facts().titles, wanted), one.facts(), one.report())
            for one in found
        ]
        return page("credentials.html", credentials=listed, proof=who.proof)
    return as_json({"credentials": [_summary(one) for one in found]})


@blueprint.get("/sign-in")
def sign_in_page() -> Response:
    """Show the form that takes a token."""
    return page("sign_in.html", refused=False, to=_destination(request.args.get("to")))


@blueprint.post("/sign-in")
def sign_in_form() -> AnyResponse:
    """Sign a browser in with the token in the form."""
    check_sender()
    to = _destination(request.form.get("to"))
    response = redirect(to, HTTPStatus.SEE_OTHER)
    if sign_in(response):
        return response
    return page("sign_in.html", status=HTTPStatus.UNAUTHORIZED, refused=True, to=to)


@blueprint.post("/sign-out")
def sign_out_form() -> AnyResponse:
    """Sign a browser out."""
    check_sender()
    response = redirect(url_for("credentials.sign_in_page"), HTTPStatus.SEE_OTHER)
    sign_out(response)
    return response


@blueprint.get(_ONE)
@blueprint.get(f"{_ONE}.{_SUFFIX}")
def credential(id_: UUID, suffix: str | None = None) -> AnyResponse:
    """Send what a credential says: as a page, or as RDF.

    Formats with named graphs hold what conversion added beside it; the others leave it out.
    """
    who = signed_in()
    found = _of(who, id_)
    chosen = _chosen(RESOURCE, suffix)
    if chosen is HTML:
        return _with_verdict(_page(who, found), found)
    graphs = [(f"{found.iri}/statement", found.statement())]
    if chosen.name in {"trig", "nq"}:
        graphs.append((f"{found.iri}/added", found.added()))
    return _with_verdict(_rdf(graphs, chosen), found)


@blueprint.get(f"{_ONE}/<any(statement, added):graph>")
@blueprint.get(f"{_ONE}/<any(statement, added):graph>.{_RDF_SUFFIX}")
def part(id_: UUID, graph: str, suffix: str | None = None) -> Response:
    """Send what the document says alone, or what conversion added alone, as RDF."""
    found = _of(signed_in(), id_)
    lines = found.statement() if graph == "statement" else found.added()
    return _with_verdict(_rdf([(f"{found.iri}/{graph}", lines)], _chosen(RDF, suffix)), found)


@blueprint.get(f"{_ONE}/original")
def original(id_: UUID) -> Response:
    """Send the octets as they were received: these are what is sealed."""
    found = _of(signed_in(), id_)
    media_type = found.facts().media_type
    return _with_verdict(_download(found.original(), media_type, f"credential-{id_}"), found)


@blueprint.get(f"{_ONE}/verification")
@blueprint.get(f"{_ONE}/verification.{_REPORT_SUFFIX}")
@blueprint.get(f"{_ONE}/verification/<int:number>")
@blueprint.get(f"{_ONE}/verification/<int:number>.{_REPORT_SUFFIX}")
def verification(id_: UUID, number: int | None = None, suffix: str | None = None) -> Response:
    """Send the newest verification report, or an older one, as a page, JSON or RDF."""
    found = _of(signed_in(), id_)
    report, numbers = found.report(number), found.report_numbers()
    chosen = _chosen(_REPORT, suffix)
    if chosen is HTML:
        return page(
            "verification.html", path=_path(found), report=report, numbers=numbers, **_WORDS
        )
    if chosen is JSON:
        return as_json(
            {
                "credential": found.iri,
                "number": report.number,
                "since": report.since.isoformat(),
                "reports": numbers,
                "report": report.document,
            }
        )
    return _rdf([(f"{found.iri}/verification/{report.number}", report.ntriples)], chosen)


@blueprint.get(f"{_ONE}/<name>")
def file(id_: UUID, name: str) -> AnyResponse:
    """Send a file that a credential carries; send on from any other node to its credential."""
    found = _of(signed_in(), id_)
    try:
        kept, data = found.file(name)
    except UnknownCredential:
        return redirect(_path(found), HTTPStatus.SEE_OTHER)
    return _with_verdict(_download(data, kept.media_type, name), found)


@blueprint.delete(_ONE)
def erase(id_: UUID) -> Response:
    """Erase a credential for good; the answer is the receipt, signed if this server has a key."""
    text, signature = _erased(_of(by_program(), id_))
    response = Response(text, content_type="application/json")
    if signature:
        response.headers["Europass-Signature"] = signature
    return response


@blueprint.post(f"{_ONE}/erasure")
def erase_form(id_: UUID) -> Response:
    """Erase a credential from its page."""
    found = _of(by_form(), id_)
    if request.form.get("sure") != "yes":
        raise Refusal("malformed-request", Message("Say that you are sure: there is no way back."))
    text, signature = _erased(found)
    return page("erased.html", receipt=text, signature=signature)


@blueprint.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """Show the form that takes a token to people who are not signed in."""
    response = problem_response(problem_for(refusal))
    asked = choose(request.environ.get("HTTP_ACCEPT"), ERROR)
    if refusal.name == "not-signed-in" and asked is HTML:
        form = page(
            "sign_in.html",
            status=HTTPStatus.UNAUTHORIZED,
            refused=False,
            to=_destination(request.path),
        )
        form.headers.update(refusal.headers)
        return form
    return response


def _of(who: SignedIn, id_: UUID) -> KeptCredential:
    return kept_credential(who.vault, site().base, who.owner.id, id_)


def _chosen(offered: tuple[Representation, ...], suffix: str | None) -> Representation:
    chosen = chosen_of(offered, suffix)
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def _path(found: KeptCredential) -> str:
    return f"{PATH}/{found.id}"


def _destination(asked: str | None) -> str:
    """Return where to go after signing in: to a credential, if that is where somebody was."""
    try:
        return f"{PATH}/{UUID((asked or '').removeprefix(f'{PATH}/'))}"
    except ValueError:
        return PATH


def _page(who: SignedIn, found: KeptCredential) -> Response:
    wanted, path, facts = reader_languages(), _path(found), found.facts()
    described, added, files = things(site(), found, path, wanted)
    return page(
        "credential.html",
        path=path,
        facts=facts,
        title=best(facts.titles, wanted),
        report=found.report(),
        validation=found.validation(),
        things=described,
        added=added,
        files=files,
        formats=[
            (one.format.title, one.media_types[0], f"{path}.{extension_of(one)}")
            for one in RDF
            if one.format
        ],
        proof=who.proof,
        **_WORDS,
    )


def _summary(found: KeptCredential) -> dict[str, Any]:
    facts, report = found.facts(), found.report()
    return {
        "credential": found.iri,
        "titles": facts.titles,
        "indication": report.document["indication"],
        "sub_indication": report.document["sub_indication"],
        "verified_at": report.document["verified_at"],
        "kept": facts.kept.isoformat(),
        "original": f"{found.iri}/original",
        "verification": f"{found.iri}/verification",
        "files": [
            {
                "file": f"{found.iri}/{one.name}",
                "media_type": one.media_type,
                "bytes": one.size,
            }
            for one in facts.files
        ],
    }


def _rdf(graphs: list[tuple[str, str]], chosen: Representation) -> Response:
    assert chosen.format is not None  # noqa: S101 - only HTML and JSON have none
    return Response(serialize(graphs, chosen.format), content_type=chosen.content_type)


def _download(data: bytes, media_type: str, name: str) -> Response:
    """Send a file that others made: pictures may be shown, nothing may run."""
    extension = _EXTENSIONS.get(media_type, "json" if media_type.endswith("json") else "bin")
    kind = "inline" if media_type.startswith("image/") else "attachment"
    headers = {
        "Content-Disposition": f'{kind}; filename="{name}.{extension}"',
        "Content-Security-Policy": _NOTHING_RUNS,
    }
    return Response(data, headers=headers, content_type=media_type)


def _with_verdict(response: Response, found: KeptCredential) -> Response:
    """Let the verdict go wherever the credential goes."""
    response.headers["Europass-Verdict"] = found.report().verdict
    response.headers["Link"] = f'<{_path(found)}/verification>; rel="describedby"'
    return response


def _erased(found: KeptCredential) -> tuple[str, str | None]:
    """Erase a credential; return the receipt and, if this server has a key, its signature."""
    facts = found.facts()
    found.erase()
    receipt = {
        "receipt": "This credential was erased, with its key and all that was kept of it.",
        "credential": found.iri,
        "sha256": facts.sha256,
        "bytes": facts.size,
        "kept": facts.kept.isoformat(),
        "erased": datetime.now(UTC).isoformat(timespec="seconds"),
        "server": site().base,
        "software": f"europass-ld {__version__}",
    }
    text = json.dumps(receipt, indent=1)
    key = site().settings.signing_key
    return text, Signer.load(key).sign(text.encode()) if key else None
