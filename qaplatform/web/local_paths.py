"""Addresses that a request brings along, and that may lead only to pages of our own."""

from __future__ import annotations

from urllib.parse import urlsplit


def local_path(address: str | None, host_url: str = "") -> str:
    """The path and query of an address of our own; ``/`` for anything that could lead elsewhere.

    ``host_url`` (``https://host/``) allows full addresses of that host.
    """
    if not address or not address.isprintable() or "\\" in address:
        return "/"
    if host_url and address.startswith(host_url):
        address = "/" + address[len(host_url) :]
    # Browsers take two slashes for a host, with spaces stripped before them.
    if not address.startswith("/") or address.startswith("//"):
        return "/"
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return "/"
    return parts._replace(fragment="").geturl()
