"""Takes other people's stylesheets, scripts and icons into qaplatform/web/static/vendor and writes VENDORED.md.

    scripts/vendor.py                    every file anew, as the releases below have it (needs npm)
    scripts/vendor.py --icons NAME …     these icons as well; existing ones stay
    scripts/vendor.py --list             only the list of hashes, from the files that are there

Files are taken as they are; what we want otherwise stands in our own stylesheets.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "qaplatform" / "web" / "static"
VENDOR = STATIC / "vendor"
LIST = STATIC / "VENDORED.md"


@dataclass(frozen=True)
class Package:
    """A release, the folder it goes to, and the files taken from it."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]
    what: str


PACKAGES = (
    Package("@tabler/core", "1.6.1", "MIT", "tabler", {"tabler.min.css": "dist/css/tabler.min.css"}, "design system"),
    Package(
        "htmx.org", "4.0.1", "0BSD", "htmx",
        {"htmx.min.js": "dist/htmx.min.js", "LICENSE": "LICENSE"}, "parts of pages that renew themselves",
    ),
    Package(
        "echarts", "6.1.0", "Apache-2.0", "echarts",
        {"echarts.common.min.js": "dist/echarts.common.min.js", "LICENSE": "LICENSE", "NOTICE": "NOTICE"}, "charts",
    ),
    Package("@tabler/icons", "3.52.0", "MIT", "tabler-icons", {"LICENSE": "LICENSE"}, "icons"),
)  # fmt: skip
ICONS = PACKAGES[-1]
HEAD = """# Files of others

Taken unchanged by `scripts/vendor.py`, which also writes this list; `tests/web/test_vendored.py` compares the files with it.
The package of the design system holds no licence file; `tabler/LICENSE` is the MIT licence its stylesheet and README name.

Another icon: `scripts/vendor.py --icons NAME`. A newer release: raise its version in the script, run it, look at the
style guide and run the browser tests.
"""


def release(package: Package) -> tarfile.TarFile:
    """The package as it was published."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package.name}@{package.version}"
        done = subprocess.run(  # noqa: S603 - written above
            ["npm", "pack", "--silent", wanted],  # noqa: S607
            cwd=folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        data = (Path(folder) / done.stdout.split()[-1]).read_bytes()
    return tarfile.open(fileobj=io.BytesIO(data))


def take(package: Package, icons: list[str]) -> None:
    """Copy the files of one package."""
    files = dict(package.files)
    if package is ICONS:
        there = {path.stem for path in (VENDOR / package.folder).glob("*.svg")}
        files |= {f"{name}.svg": f"icons/outline/{name}.svg" for name in there | set(icons)}
    folder = VENDOR / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    with release(package) as archive:
        for target, source in files.items():
            member = archive.extractfile(f"package/{source}")
            if member is None:
                raise SystemExit(f"{package.name} has no {source}")
            (folder / target).write_bytes(member.read())


def listed() -> str:
    """The text of VENDORED.md."""
    lines = [HEAD]
    for package in PACKAGES:
        lines += [f"## {package.name} {package.version} ({package.licence}): {package.what}\n"]
        lines += ["| file | sha256 |", "|---|---|"]
        for path in sorted((VENDOR / package.folder).iterdir()):
            mark = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"| vendor/{package.folder}/{path.name} | {mark} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Take what is asked for and write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    for package in () if given.list else (ICONS,) if given.icons else PACKAGES:
        take(package, given.icons)
        print(f"taken: {package.name} {package.version}")
    LIST.write_text(listed(), encoding="utf-8")
    print(f"written: {LIST.name}")


if __name__ == "__main__":
    main()
