"""Take the screenshots of the README: python -m tests.tools.screenshots ADDRESS.

ADDRESS is where `europass-ld demo` serves. Needs Chromium and its driver (Debian: chromium,
chromium-driver). Look at the pictures before you commit them: fonts are those of your machine.
"""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.clients.browser import show_as, start_chromium

FOLDER = Path(__file__).with_name("screenshots")

_QUALIFICATION = quote("https://data.koulutustarjonta.example/koulutus/1001", safe="")
_PICTURES = (
    ("home", "", "light", "desktop"),
    ("home-phone", "?lang=fr", "dark", "phone"),
    ("record", f"resource?iri={_QUALIFICATION}", "light", "desktop"),
)
"""Name, path, colour scheme, size of the screen."""


def main(address: str) -> None:
    """Write one PNG for each picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = start_chromium(Path(profile), "--hide-scrollbars")
        if browser is None:
            sys.exit("needs chromium and chromedriver")
        with browser:
            for name, path, scheme, size in _PICTURES:
                show_as(browser, scheme, size)
                browser.get(f"{address.rstrip('/')}/{path}")
                picture = FOLDER / f"{name}.png"
                browser.save_screenshot(str(picture))
                print(f"{picture.name}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
