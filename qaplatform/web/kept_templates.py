"""Compiled templates, kept between runs: compiling those of one page takes up to a quarter of a second."""

from __future__ import annotations

from importlib.metadata import version

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from qaplatform.services.file_store import FileStore, cache_folder


class KeptTemplates(BytecodeCache):
    """Jinja's compiled templates in a store; a template that was changed is another one."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if there is something for it."""
        kept = self._store.get(f"{bucket.key}:{bucket.checksum}")
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._store.put(f"{bucket.key}:{bucket.checksum}", bucket.bytecode_to_string())


def set_up(app: Flask) -> None:
    """Keep the application's templates."""
    made_by = f"{version('jinja2')}:{version('qaplatform')}"
    app.jinja_env.bytecode_cache = KeptTemplates(FileStore(cache_folder(), "jinja", made_by))
