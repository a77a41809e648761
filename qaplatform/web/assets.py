"""Stylesheets, scripts and icons. An asset's address holds the hash of its content, so browsers keep it for a year.

That holds for the modules that a script imports as well: it is sent with such addresses of theirs.

Text is compressed once, in memory; the largest, the design system's stylesheet, is an eighth of its size then.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, abort, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from qaplatform.web.access import public

STATIC = Path(__file__).resolve().parent / "static"
_ICONS = STATIC / "vendor" / "tabler-icons"
_COMPRESSED = {".css", ".js", ".svg"}
_IMPORTED = re.compile(rb'(?<=from "\./)([\w-]+\.js)(?=")')
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    compressed: bytes | None
    kind: str
    mark: str


def set_up(app: Flask) -> None:
    """Give templates ``static("css/app.css")`` and ``icon("search")``."""
    app.add_url_rule("/static/<path:name>", "static", public(_send))
    app.jinja_env.globals.update(static=static, icon=icon)


@lru_cache
def _names() -> frozenset[str]:
    return frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())


@lru_cache(maxsize=256)
def _asset(name: str) -> Asset | None:
    if name not in _names():
        return None
    path = STATIC / name
    body = path.read_bytes()
    if path.suffix == ".js" and path.parent.name == "js":
        body = _IMPORTED.sub(lambda module: _marked(path.parent / module[1].decode()).encode(), body)
    return Asset(
        body=body,
        compressed=gzip.compress(body, mtime=0) if path.suffix in _COMPRESSED else None,
        kind=mimetypes.guess_type(name)[0] or "application/octet-stream",
        mark=hashlib.sha256(body).hexdigest()[:12],
    )


def _there(name: str) -> Asset:
    asset = _asset(name)
    if asset is None:
        raise LookupError(f"there is no qaplatform/web/static/{name}")
    return asset


def _marked(module: Path) -> str:
    """The name of a script that another one imports, with its mark: that of either is another one once this one is."""
    return f"{module.name}?v={_there(module.relative_to(STATIC).as_posix()).mark}"


def static(name: str) -> str:
    """The address of an asset.

    Raises:
        LookupError: there is none of that name.
    """
    return url_for("static", name=name, v=_there(name).mark)


def _send(name: str) -> Response:
    asset = _asset(name)
    if asset is None:
        abort(404)
    response = Response(asset.body, mimetype=asset.kind)
    if asset.compressed is not None:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.set_data(asset.compressed)
            response.headers["Content-Encoding"] = "gzip"
    response.set_etag(asset.mark + ("-gz" if response.headers.get("Content-Encoding") else ""))
    response.headers["Cache-Control"] = _FOREVER if request.args.get("v") == asset.mark else "no-cache"
    return response.make_conditional(request)


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """An icon of the design system, drawn in the colour of the text around it and silent to screen readers.

    Raises:
        LookupError: it is not among those that were taken in (static/VENDORED.md says how to add one).
    """
    path = _ICONS / f"{name}.svg"
    if not path.is_file():
        raise LookupError(f"there is no icon {name!r} in {_ICONS}")
    lines = path.read_text(encoding="utf-8").split(">", maxsplit=1)[1]
    drawing = "".join(line.strip() for line in lines.splitlines())
    return Markup(  # noqa: S704 - a vendored file
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true">{drawing}'
    )
