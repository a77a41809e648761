"""What is not there, or not for whoever asks, is a page that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import abort

from qaplatform.services.browsing import NotThereError


@contextmanager
def not_there_is_404() -> Iterator[None]:
    """Say so for what the block asks a service for."""
    try:
        yield
    except NotThereError:
        abort(404)
