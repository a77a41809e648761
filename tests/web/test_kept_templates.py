"""Compiled templates are kept, and a template that was changed is compiled anew."""

from __future__ import annotations

from pathlib import Path

from jinja2 import DictLoader, Environment

from qaplatform.services.file_store import FileStore
from qaplatform.web.kept_templates import KeptTemplates


def written(folder: Path, source: str) -> str:
    environment = Environment(
        loader=DictLoader({"page": source}),
        bytecode_cache=KeptTemplates(FileStore(folder, "jinja", "1")),
        autoescape=True,
    )
    return environment.get_template("page").render(name="安")


def test_what_is_kept_says_the_same_and_a_change_is_seen(tmp_path: Path) -> None:
    assert written(tmp_path, "{{ name }}好") == "安好"
    [kept] = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    assert written(tmp_path, "{{ name }}好") == "安好"
    assert [one.stat().st_mtime_ns for one in tmp_path.iterdir()] == [before]
    assert written(tmp_path, "{{ name }}不好") == "安不好"
    assert len(list(tmp_path.iterdir())) == 2
