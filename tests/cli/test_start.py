"""What ``qaplatform start`` passes on to the processes it keeps running."""

from __future__ import annotations

from pathlib import Path

import pytest

from qaplatform.cli.serve import web
from qaplatform.cli.start import Crew, Listen, _as_arguments, _children
from qaplatform.cli.worker import worker
from qaplatform.services.workplaces import Workplace


@pytest.mark.parametrize("kind", ["own", "demo"])
def test_the_server_and_the_workers_get_what_was_asked_for(tmp_path: Path, kind: str) -> None:
    place = Workplace.at(kind, tmp_path / kind, None)  # type: ignore[arg-type]
    own = Workplace.at("own", tmp_path / "own")
    listen = Listen("::", 8901, _as_arguments(https=True, proxies=2, upload_limit=7))
    server, *workers = _children(place, listen, Crew(2, 9), (own, "http://beside/") if kind == "demo" else None)
    got = web.make_context("web", list(server.arguments[1:])).params
    assert server.arguments[0] == "web"
    assert (got["host"], got["port"], got["https"], got["proxies"], got["upload_limit"]) == ("::", 8901, True, 2, 7)
    assert (got["database"], got["data"], got["demo"]) == (place.database, place.folder, kind == "demo")
    assert got["own_data"] == (own.folder if kind == "demo" else None)
    assert [one.arguments[0] for one in workers] == ["worker", "worker"]
    asked = worker.make_context("worker", list(workers[0].arguments[1:])).params
    assert (asked["url"], asked["lease_seconds"]) == (place.database, 9)
