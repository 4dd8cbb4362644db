"""The private store: what is kept is hidden, belongs to somebody, and can be erased."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from europass_ld.errors import ConfigurationError, StoreUnavailable, UnknownCredential
from europass_ld.vault import Vault
from europass_ld.vault.files import locked

CANARY = b"Ada Canary, born on 1815-12-10"
PHRASE = "a secret of the operator"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the private store is."""
    return tmp_path / "private"


@pytest.fixture
def vault(folder: Path) -> Vault:
    """Make a private store whose key no secret protects."""
    return Vault.open_or_make(folder, folder / "keys", None)


def keep(vault: Vault, owner: str = "Ada", **parts: bytes) -> tuple[str, UUID]:
    """Keep a credential; return its owner's id and its own."""
    id_ = uuid4()
    vault.keep(owner, id_, parts or {"original": CANARY})
    found = vault.owners.named(owner)
    assert found is not None
    return found.id, id_


def files(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder."""
    return (one for one in folder.rglob("*") if one.is_file())


def assert_hidden(folder: Path, *words: bytes) -> None:
    """Check that no file has any of these words in it or in its name."""
    some = list(files(folder))
    assert some
    for one in some:
        data = one.read_bytes() + str(one.relative_to(folder)).encode()
        assert not [word for word in words if word in data], one


def test_what_is_kept_comes_back_and_is_hidden(vault: Vault, folder: Path) -> None:
    """Each part comes back as it was; no file holds it, or the owner's name."""
    owner, id_ = keep(vault, original=CANARY, facts=b"{}", empty=b"")
    again = Vault(folder, folder / "keys", None)
    assert again.parts(owner, id_) == ["empty", "facts", "original"]
    assert again.read(owner, id_, "original") == CANARY
    assert again.read(owner, id_, "empty") == b""
    assert again.ids(owner) == [id_]
    assert_hidden(folder, CANARY, b"Ada")


def test_only_their_user_may_read_the_files(vault: Vault, folder: Path) -> None:
    """Neither group nor others have any right to a file or folder."""
    keep(vault)
    assert not [one for one in folder.rglob("*") if one.stat().st_mode & 0o077]


def test_it_belongs_to_its_owner_only(vault: Vault) -> None:
    """For another owner it is as if it were not there, in every way of asking."""
    owner, id_ = keep(vault)
    other, _ = keep(vault, "Grace")
    assert vault.has(owner, id_)
    assert not vault.has(other, id_)
    for ask in (vault.parts, vault.erase):
        with pytest.raises(UnknownCredential):
            ask(other, id_)
    with pytest.raises(UnknownCredential):
        vault.read(other, id_, "original")
    with pytest.raises(UnknownCredential):
        vault.write(other, id_, "original", b"")
    assert vault.read(owner, id_, "original") == CANARY


@pytest.mark.parametrize("name", ["missing", "../original", "", "Original", ".original"])
def test_parts_that_are_none(vault: Vault, name: str) -> None:
    """A part that is not there, or whose name is none, is unknown; nothing else is read."""
    owner, id_ = keep(vault)
    with pytest.raises(UnknownCredential):
        vault.read(owner, id_, name)


def test_a_part_can_be_added_and_replaced(vault: Vault) -> None:
    """A new part stands beside the others, and one of the same name in the old one's place."""
    owner, id_ = keep(vault)
    vault.write(owner, id_, "report-1", b"first")
    vault.write(owner, id_, "report-1", b"second")
    assert vault.parts(owner, id_) == ["original", "report-1"]
    assert vault.read(owner, id_, "report-1") == b"second"


def test_erasure_leaves_nothing(vault: Vault, folder: Path) -> None:
    """Key and files are gone, what else is there stays, and nothing can be erased twice."""
    owner, id_ = keep(vault)
    _, other = keep(vault)
    vault.erase(owner, id_)
    assert not [one for one in folder.rglob("*") if str(id_) in one.name]
    assert vault.ids(owner) == [other]
    with pytest.raises(UnknownCredential):
        vault.erase(owner, id_)


def test_without_its_key_a_copy_is_noise(vault: Vault, folder: Path) -> None:
    """A copy of the encrypted files, put back after erasure, cannot be read, and is cleared."""
    owner, id_ = keep(vault)
    home = folder / "credentials" / owner / str(id_)
    copy = {one.name: one.read_bytes() for one in files(home)}
    vault.erase(owner, id_)
    home.mkdir()
    for name, data in copy.items():
        (home / name).write_bytes(data)
    assert not vault.has(owner, id_)
    Vault.open_or_make(folder, folder / "keys", None)
    assert not home.exists()


def test_what_was_left_unfinished_is_cleared(vault: Vault, folder: Path) -> None:
    """A draft, a key without a credential, a half-erased folder: gone when it is next opened."""
    owner, id_ = keep(vault)
    home = folder / "credentials" / owner
    for name in (f".new-{uuid4()}", f".gone-{uuid4()}", str(uuid4())):
        (home / name).mkdir()
        (home / name / "original").write_bytes(b"noise")
    lonely = folder / "keys" / str(uuid4())
    lonely.write_bytes(b"noise")
    Vault.open_or_make(folder, folder / "keys", None)
    assert [one.name for one in home.iterdir()] == [str(id_)]
    assert not lonely.exists()


def test_an_exchanged_or_changed_file_is_noticed(vault: Vault, folder: Path) -> None:
    """A part in the place of another, and one with a bit flipped, are refused as damaged."""
    owner, id_ = keep(vault, original=CANARY, statement=b"other")
    home = folder / "credentials" / owner / str(id_)
    kept = (home / "original").read_bytes()
    (home / "statement").write_bytes(kept)
    with pytest.raises(StoreUnavailable, match="damaged"):
        vault.read(owner, id_, "statement")
    for changed in (kept[:-1] + bytes([kept[-1] ^ 1]), b"", kept[:5]):
        (home / "original").write_bytes(changed)
        with pytest.raises(StoreUnavailable, match="damaged"):
            vault.read(owner, id_, "original")


def test_the_operators_secret_protects_the_keys(folder: Path, tmp_path: Path) -> None:
    """With a secret, neither a missing nor a wrong one opens the store; keys may lie elsewhere."""
    keys = tmp_path / "keys"
    vault = Vault.open_or_make(folder, keys, PHRASE)
    owner, id_ = keep(vault)
    assert Vault(folder, keys, PHRASE).read(owner, id_, "original") == CANARY
    for wrong in (None, "another secret"):
        with pytest.raises(ConfigurationError, match="private_secret"):
            Vault(folder, keys, wrong)
    with pytest.raises(StoreUnavailable, match="keys"):
        Vault.open_or_make(folder, tmp_path / "elsewhere", PHRASE)


def test_tokens_are_kept_as_digests_and_end(vault: Vault, folder: Path) -> None:
    """A token leads to its owner until it ends or is revoked; its text is nowhere on the disk."""
    token, text = vault.owners.create_token("Ada", NOW, NOW + timedelta(days=1))
    lasting, other = vault.owners.create_token("Ada", NOW, None)
    assert len(text) == len("eld_") + 43
    owner, used = vault.owners.holder(text, NOW) or (None, None)
    assert owner is not None
    assert (owner.name, used) == ("Ada", token)
    assert vault.owners.holder(text, NOW + timedelta(days=1)) is None
    assert vault.owners.holder(f"{text}x", NOW) is None
    assert vault.owners.with_token(lasting.id, NOW) is not None
    assert vault.owners.revoke(lasting.id)
    assert not vault.owners.revoke(lasting.id)
    assert vault.owners.holder(other, NOW) is None
    assert_hidden(folder, text.encode(), other.encode(), b"Ada")


def test_another_process_sees_a_new_token(vault: Vault, folder: Path) -> None:
    """An open store reads its owners anew when they have changed."""
    other = Vault(folder, folder / "keys", None)
    assert list(other.owners) == []
    _, text = vault.owners.create_token("Ada", NOW, None)
    assert other.owners.holder(text, NOW)


def test_idle_owners_are_forgotten(vault: Vault, folder: Path) -> None:
    """Who has neither a token nor a credential any more is not kept by name."""
    owner, id_ = keep(vault)
    token, _ = vault.owners.create_token("Grace", NOW, None)
    vault.erase(owner, id_)
    again = Vault.open_or_make(folder, folder / "keys", None)
    assert [one.name for one in again.owners] == ["Grace"]
    again.owners.revoke(token.id)
    again.clear()
    assert list(again.owners) == []


def test_a_second_writer_waits(vault: Vault, folder: Path) -> None:
    """Who writes is alone; who cannot wait that long is told so."""
    impatient = Vault(folder, folder / "keys", None, wait=0.05)
    with locked(folder, 1), pytest.raises(StoreUnavailable, match="another process"):
        impatient.keep("Ada", uuid4(), {"original": CANARY})
    threads = [threading.Thread(target=keep, args=(vault, "Ada")) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    owner = vault.owners.named("Ada")
    assert owner is not None
    assert len(vault.ids(owner.id)) == len(threads)


def test_there_is_none_without_a_folder(folder: Path) -> None:
    """Reading a private store that nobody made is refused, and makes none."""
    with pytest.raises(StoreUnavailable):
        Vault(folder, folder / "keys", None)
    assert not Vault.is_in(folder, folder / "keys")
    assert not folder.exists()
