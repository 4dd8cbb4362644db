"""Downloads: the dumps of datasets, under an address for each version and one for the newest."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header
from werkzeug.wsgi import wrap_file

from ...harvest.dumps import SIGNATURE
from ...harvest.forms import SUFFIXES
from ...harvest.manifest import MANIFEST, read_manifest
from ...store import Version
from ..problems import Refusal
from ..responses import REVALIDATE, last_modified
from ..site import site

blueprint = Blueprint("downloads", __name__, url_prefix="/dumps")

_LATEST = "latest"
_WAIT_SECONDS = 10.0
_RETRY_SECONDS = "10"
_ONE_HOUR = "public, max-age=3600"
"""What never changes may be kept, but not for long: a redaction takes it back."""

_MANIFESTS: Mapping[str, tuple[str, str]] = {
    "json": (MANIFEST, "application/json"),
    "json.jws": (SIGNATURE, "application/jose"),
}
_SUFFIX = f"<any({', '.join(repr(one) for one in (*SUFFIXES, *_MANIFESTS))}):suffix>"


@blueprint.get(f"/<name>/<int:number>.{_SUFFIX}")
def dump(name: str, number: int, suffix: str) -> Response:
    """Send a dump of one version of a dataset, the manifest of its dumps, or its signature."""
    response = _sent(_version(name, number), name, suffix)
    response.headers["Cache-Control"] = _ONE_HOUR
    return response


@blueprint.get(f"/<name>/{_LATEST}.{_SUFFIX}")
def latest_dump(name: str, suffix: str) -> Response:
    """Send the same of the newest version, and say under which address it stays."""
    version = _version(name, None)
    response = _sent(version, name, suffix)
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Content-Location"] = url_for(
        "downloads.dump", name=name, number=version.number, suffix=suffix
    )
    return response


def _version(name: str, number: int | None) -> Version:
    dataset = site().dumps.dataset(name)
    if dataset is None:
        raise Refusal("not-found", f"There is no dataset {name}; /catalogue lists them.")
    versions = site().reader.versions(dataset)
    found = next((one for one in reversed(versions) if number in {None, one.number}), None)
    if found is None:
        raise Refusal(
            "not-found", f"<{dataset}> has no version {number}.", latest=versions[-1].number
        )
    return found


def _sent(version: Version, name: str, suffix: str) -> Response:
    folder = site().dumps.folder(version, _WAIT_SECONDS)
    if folder is None:
        raise _in_preparation(version)
    file, media_type = _MANIFESTS.get(suffix) or (suffix, SUFFIXES[suffix][1].media_type)
    if file == SIGNATURE and not (folder / file).is_file():
        raise Refusal("not-found", "The operator of this server does not sign manifests.")
    try:
        digest, size = _digest(folder, file), (folder / file).stat().st_size
        body = wrap_file(request.environ, (folder / file).open("rb"))
    except FileNotFoundError as error:  # a redaction took it away just now
        raise _in_preparation(version) from error
    response = Response(body, content_type=media_type, direct_passthrough=True)
    response.set_etag(digest.hex())
    response.last_modified = last_modified(version.time)
    response.content_length = size
    shown = "inline" if suffix in _MANIFESTS else "attachment"
    response.headers.update(
        {
            "Content-Disposition": f'{shown}; filename="{name}-{version.number}.{suffix}"',
            # of the whole, also where a part is sent: RFC 9530, section 3
            "Repr-Digest": f"sha-256=:{b64encode(digest).decode()}:",
            "Link": _link_to_manifest(version, name),
        }
    )
    return _conditional(response, size)


def _digest(folder: Path, name: str) -> bytes:
    if name in {MANIFEST, SIGNATURE}:
        return sha256((folder / name).read_bytes()).digest()
    manifest = read_manifest(folder / MANIFEST)
    for file in manifest["files"]:
        if file["name"].partition(".")[2] == name:
            return bytes.fromhex(file["sha256"])
    reason = manifest["omitted"][SUFFIXES[name][0].name]
    raise Refusal("not-found", f"This version cannot be had in this form: {reason}.")


def _link_to_manifest(version: Version, name: str) -> str:
    address = url_for("downloads.dump", name=name, number=version.number, suffix="json")
    return f'<{address}>; rel="describedby"; type="application/json"'


def _conditional(response: Response, size: int) -> Response:
    """Answer 304, 206 or 416 where the request asks for it: RFC 9110, sections 13 and 14."""
    environ = dict(request.environ)
    if not _is_one_range(environ):
        environ.pop("HTTP_RANGE", None)
    try:
        response.make_conditional(environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable as error:
        response.close()
        raise Refusal(
            "range-not-satisfiable",
            f"This has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        ) from error
    return response


def _is_one_range(environ: Mapping[str, Any]) -> bool:
    """Tell whether a range is to be sent. One that is not well-formed is not; of several, all is.

    A method other than GET has none (RFC 9110, section 14.2), and who has it already needs none.
    """
    asked = parse_range_header(environ.get("HTTP_RANGE"))
    return (
        asked is not None
        and asked.units == "bytes"
        and len(asked.ranges) == 1
        and environ["REQUEST_METHOD"] == "GET"
        and "HTTP_IF_NONE_MATCH" not in environ
    )


def _in_preparation(version: Version) -> Refusal:
    return Refusal(
        "dump-in-preparation",
        f"The dumps of version {version.number} of <{version.dataset}> are being made."
        " Please ask again.",
        headers={"Retry-After": _RETRY_SECONDS},
        version=version.number,
    )
