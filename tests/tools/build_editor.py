"""Build the query editor in: python -m tests.tools.build_editor.

Fetches the one npm package that the editor is (with npm, which has to be installed), checks it
against the hash below, and unpacks what is served into `server/europass_ld/publish/static/editor/`.
Git ignores that folder. Without it the endpoint has a plain form.

To take a newer version: change `VERSION`, take its hash from `npm view @zazuko/yasgui@VERSION
dist.integrity`, run this, and look at `/sparql` in a browser with its console open.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import europass_ld.publish

PACKAGE = "@zazuko/yasgui"
VERSION = "4.6.2"
INTEGRITY = (
    "sha512-Zw45KdPoAE1KRaAoxIHdQqeJxvaVG1oQdntw0hy0ktX35Zu8ZccuOLrXCLwR+GU+"
    "0xMzLw8Mjw6BkSZV2vUuQw=="
)
FILES = ("build/yasgui.min.js", "build/yasgui.min.css", "package.json")
"""The last says whose work it is, and under which licence (MIT)."""

EDITOR = Path(europass_ld.publish.__file__).with_name("static") / "editor"


def integrity(archive: Path) -> str:
    """Return the hash of a file as npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()}"


def unpack(archive: Path, folder: Path) -> None:
    """Check the archive and put its files into a folder, in the place of what was there.

    Raises:
        SystemExit: it is not the archive that was looked at.
    """
    if integrity(archive) != INTEGRITY:
        raise SystemExit(f"{archive.name} has the hash {integrity(archive)}, not {INTEGRITY}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(archive) as files:
        for name in FILES:
            member = files.extractfile(f"package/{name}")
            assert member is not None, name
            (folder / Path(name).name).write_bytes(member.read())


def main() -> None:
    """Fetch, check, unpack."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed; the endpoint has its plain form without the editor")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        unpack(archive, EDITOR)
    for path in sorted(EDITOR.iterdir()):
        print(f"{path.stat().st_size:>10}  {path}")


if __name__ == "__main__":
    main()
