"""One small store and one application for all tests of publishing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.publish.sparql import guide

from . import sample


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the store that all tests read."""
    directory = tmp_path_factory.mktemp("publish") / "store"
    sample.make(directory)
    return directory


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Small pages and a short longest query, one publisher's host, one trusted proxy."""
    return Settings(
        authoritative_hosts=(sample.HOST,),
        trusted_proxies=("10.1.0.0/16",),
        max_query_bytes=5_000,
        page_size=3,
        feed_page_size=3,
        vocabularies=tmp_path_factory.mktemp("none"),
    )


@pytest.fixture(scope="package")
def app(directory: Path, settings: Settings) -> Iterator[Flask]:
    """Make the application once; its workers end with these tests, for others count processes."""
    app = create_app(directory, settings)
    yield app
    site_of(app).close()


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Show pages as they are without the editor, whether it was built in here or not."""
    monkeypatch.setattr(guide, "_EDITOR", tmp_path / "no-editor")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client without cookies."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def get(client: FlaskClient) -> Callable[..., str]:
    """Return a function that gets a page as HTML text and checks its status."""

    def get(address: str, status: int = 200, **headers: str) -> str:
        response = client.get(address, headers={"Accept": "text/html", **headers})
        assert response.status_code == status, response.text
        assert response.content_type == "text/html; charset=utf-8"
        return response.text

    return get
