"""The page of every record of the samples: small, harmless, and from this server only."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from europass_ld.cli.main import main
from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.responses import CONTENT_SECURITY_POLICY
from europass_ld.publish.site import site_of
from tests.shared import ROOT

from .test_pages import _LARGEST

pytestmark = pytest.mark.slow

_FETCHED = re.compile(
    r'<(?:link rel="(?:stylesheet|icon)"|img|script|iframe)[^>]*?(?:href|src)="([^"]*)'
)


def test_every_page_of_every_record(tmp_path: Path) -> None:
    """Under 60,000 bytes with style sheet and icon, a strict policy, nothing from elsewhere."""
    store = tmp_path / "store"
    for command in (
        ["init", "--store", store, "--base", "https://ld.example.org/"],
        ["load", ROOT / "data" / "samples", "--store", store],
    ):
        done = CliRunner().invoke(main, [str(one) for one in command])
        assert done.exit_code == 0, done.output
    app = create_app(store, Settings(vocabularies=tmp_path / "none"))
    current, client = site_of(app), app.test_client(use_cookies=False)
    try:
        iris = [
            entry.iri
            for dataset in current.reader.datasets()
            for entry in current.reader.records(dataset.iri, limit=10_000)
        ]
        assert len(iris) > 400
        for iri in iris:
            response = client.get(current.address(iri), headers={"Accept": "text/html"})
            assert response.status_code == 200, iri
            assert len(response.data) < _LARGEST, iri
            assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
            assert all(one.startswith("/static/") for one in _FETCHED.findall(response.text))
    finally:
        current.close()
