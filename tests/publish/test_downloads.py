"""Downloads: ranges, entity tags, stable addresses, and dumps that are made when asked for."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.harvest import find_dump, make_latest_dumps
from europass_ld.harvest.forms import SUFFIXES
from europass_ld.harvest.names import dataset_name
from europass_ld.publish import create_app
from europass_ld.publish.harvesting import downloads
from europass_ld.publish.site import site_of
from tests.harvest.dumping import FIRST, SECOND, load
from tests.test_signing import KEYS, pem, write

from . import sample

Own = tuple[FlaskClient, Path]
DATASET = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
KEY = dataset_name(DATASET)
ODD = dataset_name(sample.FIRST)


@pytest.fixture(scope="module")
def own(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """Serve a store with two versions of a register, whose dumps are made and signed."""
    folder = tmp_path_factory.mktemp("downloads")
    directory = folder / "store"
    load(directory, FIRST, SECOND)
    signing_key = write(folder, pem(KEYS["ES256"]))
    make_latest_dumps(directory, keep=1, signing_key=signing_key)
    app = create_app(directory, replace(settings, keep_dumps=1, signing_key=signing_key))
    app.test_client_class = Client
    yield app.test_client(), directory
    site_of(app).close()


class Client(FlaskClient):
    """Reads answers to their end, as a server sends them: then files are closed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, buffered=True, **kwargs)


@pytest.fixture
def files(own: Own) -> FlaskClient:
    """Return a client."""
    return own[0]


def newest(files: FlaskClient) -> int:
    """Return the number of the newest version."""
    return int(document(files.get(f"/dumps/{KEY}/latest.json"))["version"])


def document(response: TestResponse) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    found: dict[str, Any] = json.loads(response.data)
    return found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_manifest_is_right_about_every_file(files: FlaskClient, suffix: str) -> None:
    """Under both addresses a file has the size, digest, type and entity tag that were promised."""
    number = newest(files)
    manifest = document(files.get(f"/dumps/{KEY}/{number}.json"))
    (file,) = (one for one in manifest["files"] if one["name"] == f"{number}.{suffix}")
    for name in (f"{number}.{suffix}", f"latest.{suffix}"):
        response = files.get(f"/dumps/{KEY}/{name}")
        assert response.status_code == 200
        assert len(response.data) == int(response.headers["Content-Length"]) == file["size"]
        digest = hashlib.sha256(response.data)
        assert digest.hexdigest() == file["sha256"]
        assert response.headers["ETag"] == f'"{file["sha256"]}"'
        encoded = base64.b64encode(digest.digest()).decode()
        assert response.headers["Repr-Digest"] == f"sha-256=:{encoded}:"
        assert response.content_type == file["compression"]
        assert "Content-Encoding" not in response.headers
        assert "Last-Modified" in response.headers
        assert "no-cache" in response.headers["Cache-Control"] or "max-age=3600" in str(
            response.headers["Cache-Control"]
        )


def test_the_newest_says_where_it_stays(files: FlaskClient) -> None:
    """The stable address names the one that never changes, and asks to be asked again."""
    response = files.get(f"/dumps/{KEY}/latest.nq.gz")
    location = response.headers["Content-Location"]
    assert location == f"/dumps/{KEY}/{newest(files)}.nq.gz"
    assert "no-cache" in response.headers["Cache-Control"]
    stays = files.get(location)
    assert stays.data == response.data
    assert "max-age=3600" in stays.headers["Cache-Control"]
    assert location.replace("nq.gz", "json") in stays.headers["Link"]


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=5-99999999", 206, slice(5, None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("bytes=9-2", 200, slice(None)),
        ("records=0-1", 200, slice(None)),
        ("nonsense", 200, slice(None)),
        ("bytes=99999999-", 416, None),
    ],
)
def test_ranges(files: FlaskClient, asked: str, status: int, part: slice | None) -> None:
    """One range within the file is sent, one outside is refused, anything else is passed over."""
    whole = files.get(f"/dumps/{KEY}/latest.nq.zst").data
    response = files.get(f"/dumps/{KEY}/latest.nq.zst", headers={"Range": asked})
    assert response.status_code == status
    if part is None:
        assert response.headers["Content-Range"] == f"bytes */{len(whole)}"
        assert document(response)["type"].endswith("#range-not-satisfiable")
        return
    assert response.data == whole[part]
    assert response.headers["Accept-Ranges"] == "bytes"
    if status == 206:
        start, stop, _ = part.indices(len(whole))
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_conditions(files: FlaskClient) -> None:
    """A download goes on only where the file is still the same; who has it gets 304."""
    address = f"/dumps/{KEY}/latest.ttl.gz"
    first = files.get(address)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return files.get(address, headers=named).status_code

    assert status(If_None_Match=tag) == 304
    assert status(If_Modified_Since=date) == 304
    assert status(If_None_Match='"other"') == 200
    assert status(Range="bytes=0-1", If_Range=tag) == 206
    assert status(Range="bytes=0-1", If_Range=date) == 206
    assert status(Range="bytes=0-1", If_Range='"other"') == 200
    assert status(Range="bytes=0-1", If_None_Match=tag) == 304
    head = files.head(address, headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(first.data))
    assert head.headers["ETag"] == tag


def test_the_signature_is_there(files: FlaskClient) -> None:
    """Beside the manifest is its detached signature."""
    response = files.get(f"/dumps/{KEY}/latest.json.jws")
    assert response.content_type == "application/jose"
    assert response.text.count(".") == 2


def test_what_there_is_not(files: FlaskClient, client: FlaskClient) -> None:
    """Unknown datasets, versions and forms are 404; so is the signature where there is no key."""
    for address in ("none-1234/latest.nq.gz", f"{KEY}/99.nq.gz", f"{KEY}/latest.nq", f"{KEY}/1"):
        response = files.get(f"/dumps/{address}")
        assert response.status_code == 404, address
        assert response.content_type == "application/problem+json"
    assert client.get(f"/dumps/{ODD}/latest.json.jws").status_code == 404
    odd = client.get(f"/dumps/{ODD}/latest.xml.gz")
    assert odd.status_code == 404
    assert "cannot be had in this form" in document(odd)["detail"]


def test_an_older_version_is_made_when_asked_for(own: Own) -> None:
    """Who does not want to wait is told when to come again, and then gets it."""
    files, directory = own
    assert newest(files) > 1
    assert find_dump(directory, DATASET, 1) is None
    with patch.object(downloads, "_WAIT_SECONDS", 0.0):
        waiting = files.get(f"/dumps/{KEY}/1.nq.gz")
    assert waiting.status_code == 503
    assert waiting.headers["Retry-After"] == "10"
    assert document(waiting)["type"].endswith("#dump-in-preparation")
    response = files.get(f"/dumps/{KEY}/1.nq.gz")
    assert response.status_code == 200
    assert find_dump(directory, DATASET, 1)
    assert files.get(f"/dumps/{KEY}/1.json.jws").status_code == 200
