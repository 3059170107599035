"""What the tests and benchmarks of the copy desk's page share: Debian's Chromium, and axe-core from npm."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

AXE = "4.14.1"
AXE_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"

# what a paste of `text` into a field does; Playwright has none
PASTE = """(field, text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  field.value = '';
  field.focus();
  field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true, bubbles: true }));
}"""


def chromium() -> str | None:
    """Give the path of a Chromium, where there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start a Chromium; it is gone after the block."""
    path = chromium()
    if path is None:
        raise FileNotFoundError("needs Chromium (Debian's package chromium)")
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # which Chromium refuses to root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=sandbox)
        try:
            yield browser
        finally:
            browser.close()


def axe_core(folder: Path) -> str:
    """Fetch axe-core into a folder, and give its script."""
    command = ["npm", "pack", "--silent", f"axe-core@{AXE}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    packed = folder / f"axe-core-{AXE}.tgz"
    found = hashlib.sha256(packed.read_bytes()).hexdigest()
    if found != AXE_SHA256:
        raise ValueError(f"axe-core {AXE} must have the SHA-256 {AXE_SHA256}, got {found}")
    with tarfile.open(packed) as archive:
        script = archive.extractfile("package/axe.min.js")
        return script.read().decode() if script else ""
