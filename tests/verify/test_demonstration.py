"""The sealed credential that `europass-ld demo` trusts: it passes there, and nowhere else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from europass_ld.cli.main import main
from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.resources import demonstration, find

_DIPLOMA = demonstration() / "diploma.jsonld"
Client = Callable[[Path | None], FlaskClient]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Return a function that makes a client of a server with the register that accredits."""
    store, opened = tmp_path_factory.mktemp("demonstration") / "store", []
    for command in (
        ["init", "--store", store],
        ["load", find("data") / "samples" / "be-quality-register", "--store", store],
    ):
        done = CliRunner().invoke(main, [str(one) for one in command])
        assert done.exit_code == 0, done.output

    def client(trust: Path | None) -> FlaskClient:
        opened.append(create_app(store, Settings(trust=trust)))
        return opened[-1].test_client(use_cookies=False)

    yield client
    for app in opened:
        site_of(app).close()


def test_it_passes_by_the_roots_of_the_demonstration(client: Client) -> None:
    """All that can be told of a file is a yes; whom it is about only a look at them tells."""
    there = client(demonstration() / "trust")
    report = there.post("/verify", data=_DIPLOMA.read_bytes()).get_json()
    assert report["indication"] == "TOTAL_PASSED"
    assert {name: one["status"] for name, one in report["answers"].items()} == {
        "sealed-by": "yes",
        "seal": "yes",
        "accreditation": "yes",
        "validity": "yes",
        "subject": "uncertain",
    }
    browser = {"Accept": "text/html"}
    for page in (
        there.get("/verify", headers=browser),
        there.post("/verify", data=_DIPLOMA.read_bytes(), headers=browser),
    ):
        assert "What it says of seals is worth nothing." in page.text


def test_nobody_else_trusts_it(client: Client, trust_folder: Path) -> None:
    """Neither a server with roots of its own nor one without any; nor do these say it is a show."""
    for trust in (trust_folder, None):
        elsewhere = client(trust)
        report = elsewhere.post("/verify", data=_DIPLOMA.read_bytes()).get_json()
        assert report["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
        page = elsewhere.get("/verify", headers={"Accept": "text/html"})
        assert "worth nothing" not in page.text


def test_it_conforms_and_has_no_keys() -> None:
    """It is as the profile asks, and nothing that could seal another one is shipped with it."""
    done = CliRunner().invoke(main, ["validate", "--fail-on", "warning", str(_DIPLOMA)])
    assert done.exit_code == 0, done.output
    files = [one for one in demonstration().rglob("*") if one.is_file()]
    assert len(files) == 4
    assert not [one for one in files if b"PRIVATE" in one.read_bytes()]
