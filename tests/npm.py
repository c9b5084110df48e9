"""Packages of the npm registry that tests check against: installed once per lock file, by whoever needs them first."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tests.missing import not_installed
from tests.servers import ROOT

INSTALL = "sudo apt-get install nodejs npm"
BUILD = ROOT / "build"


def installed(source: Path) -> Path:
    """A copy of `source` below `build/` with the packages of its lock file; nothing may be written into it.

    Skips the test loudly where npm is missing or cannot reach its registry; on CI that is a failure.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        not_installed("Node.js with npm", INSTALL)
    BUILD.mkdir(exist_ok=True)
    folder, wanted = BUILD / source.name, _texts(source)
    with (BUILD / f"{source.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _texts(folder).items() >= wanted.items():
            fresh = BUILD / f"{source.name}.new"
            for stale in (fresh, folder):
                shutil.rmtree(stale, ignore_errors=True)
            shutil.copytree(source, fresh)
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=400, check=False)
            if done.returncode:
                not_installed(f"what {source.name} needs from npm", f"npm ci (it said: {done.stderr.strip()})")
            fresh.rename(folder)
    return folder


def _texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*")) if file.is_file()}
