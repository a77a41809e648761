"""An import that is not there, or not the viewer's, is a page that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import abort

from qaplatform.services.imports import ImportNotFoundError


@contextmanager
def missing_is_404() -> Iterator[None]:
    """Turn the service's refusal into the page."""
    try:
        yield
    except ImportNotFoundError:
        abort(404)
