"""Headless Chromium for the browser tests: the machine's own, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.missing import not_installed
from tests.servers import DEADLINE_S

INSTALL = "sudo apt-get install -y chromium"
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for one test module; without Chromium the tests are skipped loudly, in CI they fail."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        not_installed("Chromium", INSTALL)
    expect.set_options(timeout=DEADLINE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()
