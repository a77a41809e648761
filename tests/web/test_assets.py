"""Assets: compressed, for ever under the address of their content, and nothing beside them."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin

import pytest

from qaplatform.web.assets import STATIC, icon
from tests.web.conftest import PageClient

SHEET = "/static/vendor/tabler/tabler.min.css"


def test_text_is_compressed_for_those_who_take_it(client: PageClient) -> None:
    plain = client.get(SHEET)
    small = client.get(SHEET, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(small.data) == plain.data == (STATIC / "vendor/tabler/tabler.min.css").read_bytes()
    assert len(small.data) < len(plain.data) / 6
    assert plain.headers["Vary"] == "Accept-Encoding"


def test_what_the_browser_has_is_not_sent_again(client: PageClient) -> None:
    etag = client.get(SHEET).headers["ETag"]
    assert client.get(SHEET, headers={"If-None-Match": etag}).status_code == 304


def test_a_script_and_all_it_imports_are_kept_for_ever(client: PageClient) -> None:
    page = client.get("/login").text
    waiting = re.findall(r'src="(/static/js/[^"]+)"', page)
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert "immutable" in answer.headers["Cache-Control"], address
        seen.add(address.partition("?")[0].rpartition("/")[2])
        waiting += [urljoin(address, name) for name in re.findall(r'from "([^"]+)"', answer.text)]
    assert {"app.js", "menus.js", "keys.js"} <= seen
    assert len(seen) > 5


@pytest.mark.parametrize("name", ["../app.py", "css/../../app.py", "/etc/passwd", "css", "css/none.css", ""])
def test_nothing_else_is_sent(client: PageClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code in {404, 308}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("css/app.css", "text/css"), ("js/app.js", "text/javascript"), ("mark.svg", "image/svg+xml")],
)
def test_an_asset_says_what_it_is(client: PageClient, name: str, kind: str) -> None:
    assert client.get(f"/static/{name}").mimetype == kind


def test_every_icon_can_be_drawn() -> None:
    names = [path.stem for path in (STATIC / "vendor/tabler-icons").glob("*.svg")]
    assert names
    assert all(icon(name).startswith("<svg ") and icon(name).endswith("</svg>") for name in names)


def test_an_icon_that_was_not_taken_in_is_an_error() -> None:
    with pytest.raises(LookupError, match="unicorn"):
        icon("unicorn")
