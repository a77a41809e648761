"""What every answer carries, and what no request gets past."""

from __future__ import annotations

import gc
import io
from dataclasses import replace

import pytest
from flask import Flask, abort, request

from qaplatform.app import create_app
from qaplatform.settings import MEBIBYTE, Settings
from qaplatform.store.engine import StoreError
from qaplatform.web import security
from qaplatform.web.access import permitted, public
from qaplatform.web.current import store_of
from tests.web.conftest import PageClient, SignIn

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


# Werkzeug's test client leaves the file in which it lays out a large body to the garbage collector.
LARGE_BODY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("address", ["/login", "/", "/nowhere", "/health", "/static/css/app.css", "/logout"])
def test_every_answer_carries_the_guards(client: PageClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_pages_stay_in_no_cache_and_assets_stay_for_ever(client: PageClient) -> None:
    page = client.get("/login")
    assert page.headers["Cache-Control"] == "no-store"
    [sheet] = [part for part in page.text.split('"') if part.startswith("/static/css/app.css")]
    assert "immutable" in client.get(sheet).headers["Cache-Control"]
    assert client.get("/static/css/app.css?v=other").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("address", ["/login", "/logout", "/language", "/me"])
def test_a_form_without_its_token_is_refused(signed_in: SignIn, address: str) -> None:
    client = signed_in("lead")
    answer = client.post(address, data={"language": "en", "login": "lead", "password": "lead"})
    assert answer.status_code == 400
    assert "页面已失效" in answer.text
    assert client.get("/me").status_code == 200


def test_a_token_of_somebody_else_is_refused(app: Flask, signed_in: SignIn) -> None:
    stranger = app.test_client()
    token = stranger.get("/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert signed_in("lead").post("/logout", data={"csrf_token": token}).status_code == 400


@LARGE_BODY
def test_only_a_view_that_takes_files_takes_much(settings: Settings, people: None) -> None:  # noqa: ARG001
    app = create_app(replace(settings, upload_limit_bytes=3 * MEBIBYTE))
    app.test_client_class = PageClient
    client = app.test_client()

    def count() -> dict[str, int]:
        return {"bytes": len(request.files["file"].read())}

    def count_files() -> dict[str, int]:
        return count()

    security.csrf.exempt(count)
    security.csrf.exempt(count_files)
    app.add_url_rule("/small", view_func=public(count), methods=["POST"])
    app.add_url_rule("/large", view_func=public(security.takes_files(count_files)), methods=["POST"])

    def sent(address: str, mebibytes: int) -> int:
        data = {"file": (io.BytesIO(b"x" * mebibytes * MEBIBYTE), "x.csv")}
        return client.post(address, data=data).status_code

    assert [sent("/small", 2), sent("/large", 2), sent("/large", 4)] == [413, 200, 413]
    store_of(app).close()
    gc.collect(1)  # What is young is enough, and all there is takes seconds.


@LARGE_BODY
def test_a_form_that_is_too_large_does_not_speak_of_files(settings: Settings, people: None) -> None:  # noqa: ARG001
    app = create_app(replace(settings, upload_limit_bytes=20 * MEBIBYTE))
    app.test_client_class = PageClient
    answer = app.test_client().post("/login", data={"login": "x" * 2 * MEBIBYTE})
    assert answer.status_code == 413
    assert "缩短填写的内容" in answer.text
    assert "20 MB" not in answer.text
    store_of(app).close()
    gc.collect(1)  # What is young is enough, and all there is takes seconds.


class _SecretError(Exception):
    pass


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("error", "status"),
    [(_SecretError("the password is 4711"), 500), (StoreError("disk at 4711 is broken"), 503)],
)
def test_an_error_page_tells_a_number_and_nothing_else(
    settings: Settings,
    people: None,  # noqa: ARG001
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    language: str,
) -> None:
    app = create_app(replace(settings, testing=False))
    app.test_client_class = PageClient

    def fail() -> str:
        raise error

    app.add_url_rule("/fail", view_func=public(fail))
    client = app.test_client()
    client.set_cookie("qaplatform_language", language)
    answer = client.get("/fail")
    assert answer.status_code == status
    number = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert number
    assert not any(word in answer.text for word in ("4711", "Secret", "Traceback", "StoreError"))
    assert number in caplog.text
    assert "4711" in caplog.text
    store_of(app).close()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 418, 429, 500, 501, 503])
def test_every_error_has_a_page(own_app: Flask, signed_in: SignIn, status: int) -> None:
    own_app.add_url_rule("/fail", view_func=permitted("self.manage")(lambda: abort(status)))
    for login, language in (("lead", "zh"), ("inspector", "en")):
        client = signed_in(login)
        client.submit("/language", {"language": language}, page="/")
        assert client.get("/fail").status_code == status


def test_a_proxys_word_is_taken_only_where_one_is_expected(settings: Settings, people: None) -> None:  # noqa: ARG001
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    seen = []
    for count in (0, 1):
        app = create_app(replace(settings, trusted_proxies=count))
        app.add_url_rule("/who", view_func=public(lambda: {"who": request.remote_addr, "secure": request.is_secure}))
        seen.append(app.test_client().get("/who", headers=headers).json)
        store_of(app).close()
    assert seen == [{"who": "127.0.0.1", "secure": False}, {"who": "203.0.113.7", "secure": True}]
