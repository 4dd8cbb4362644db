"""The commands for tokens."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from europass_ld.config import load_settings
from europass_ld.vault import open_vault
from tests.cli.test_documents import run

from .making import copied


@pytest.fixture(scope="module")
def store(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store without any credential."""
    return copied(published, tmp_path_factory.mktemp("tokens"))


def test_a_token_is_made_listed_and_revoked(store: Path) -> None:
    """It is shown once; the list has its id and end; once revoked it opens nothing."""
    made = json.loads(
        run("token", "create", "--store", store, "--owner", "Ada", "--days", 30, "--json").stdout
    )
    vault = open_vault(store, load_settings()[0])
    assert vault is not None
    now = datetime.now(UTC)
    assert vault.owners.holder(made["token"], now)
    assert not vault.owners.holder(made["token"], now + timedelta(days=31))
    (listed,) = run("token", "list", "--store", store, "--json").stdout.splitlines()
    assert json.loads(listed) == {name: made[name] for name in made if name != "token"}
    assert made["id"] in run("token", "list", "--store", store).stdout
    assert run("token", "revoke", made["id"], "--store", store).exit_code == 0
    assert not vault.owners.holder(made["token"], now)
    assert run("token", "revoke", made["id"], "--store", store).exit_code == 2
    assert run("token", "list", "--store", store).stdout == ""


def test_the_token_alone_is_on_standard_output(store: Path) -> None:
    """So that a script can take it; what is said about it goes to standard error."""
    result = run("token", "create", "--store", store, "--owner", "Ada")
    assert result.stdout.startswith("eld_")
    assert len(result.stdout.split()) == 1
    assert "only time" in result.stderr


@pytest.mark.parametrize("owner", ["", " ", "x" * 201])
def test_an_owner_needs_a_name(owner: str, store: Path) -> None:
    """An empty or endless name is a usage error."""
    assert run("token", "create", "--store", store, "--owner", owner).exit_code == 2
