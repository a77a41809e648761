"""What is not there, or not for whoever asks, is a page that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import abort

from qaplatform.services.browsing import NotThereError


@contextmanager
def there() -> Iterator[None]:
    """Answer 404 where a service of training finds nothing, or nothing for whoever asks."""
    try:
        yield
    except NotThereError:
        abort(404)
