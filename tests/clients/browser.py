"""Headless Chromium, as tests and the script of the screenshots start it."""

import shutil
from pathlib import Path

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
"""Width and height of the screens that pages are tried on, in CSS pixels."""

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def start_chromium(profile: Path, *further: str) -> WebDriver | None:
    """Start Chromium with a new profile; None where it or its driver is not installed.

    `further` are options beside those that make it quiet and headless.
    """
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        return None
    options = Options()
    options.binary_location = chromium
    for one in (*_OPTIONS, *further, f"--user-data-dir={profile}"):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return WebDriver(options, Service(driver))


def show_as(browser: WebDriver, scheme: str, size: str) -> None:
    """Set the colour scheme (`light`, `dark`) and one of `SIZES`, until `show_as_it_is`."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def show_as_it_is(browser: WebDriver) -> None:
    """Undo what `show_as` did."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
