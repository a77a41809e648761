"""Endpoints of language models: entered, changed, chosen, retired, tried; and no key that ever comes out again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.llm.endpoint import presets
from qaplatform.services import endpoint_fields as wrong
from qaplatform.services import llm_endpoints
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.endpoint_fields import EndpointFields, fields_of_preset
from qaplatform.services.endpoint_trials import TRIAL, try_endpoint
from qaplatform.services.grader_settings import KeyNotThereError, NoEndpointError, endpoint_to_ask, grader_settings
from qaplatform.services.llm_endpoints import EndpointLine, RetiredEndpointError, UnknownEndpointError
from qaplatform.store.engine import Store
from qaplatform.store.llm_endpoints import EndpointNameTakenError
from qaplatform.store.llm_spending import NO_PRICE, spending
from qaplatform.testing.fake_llm import MODEL, FakeLLM, Fault
from tests.people import NOW
from tests.services.admins import boss, log_of

KEY = "sk-0123456789abcdef"
FIELDS = EndpointFields(
    name="DeepSeek", base_url="https://api.example.com/v1", model="deep-1", preset="deepseek", api_key=KEY,
    input_price="2", output_price="3.50", json_object=True, temperature=None, extra='{"thinking": {"type": "disabled"}}',
)  # fmt: skip
OUTSIDER = Viewer(user_id=0, name="", grants=())


@pytest.fixture
def admin(store: Store) -> Viewer:
    return boss(store)


def enter(store: Store, admin: Viewer, **about: Any) -> int:
    with store.writing() as session:
        wanted = msgspec.structs.replace(FIELDS, **about)
        return llm_endpoints.create_endpoint(session, wanted, by=admin, now=NOW)


def change(store: Store, admin: Viewer, id: int, **about: Any) -> None:
    with store.writing() as session:
        line = llm_endpoints.endpoint_line(session, admin, id)
        wanted = msgspec.structs.replace(line.fields, **about)
        llm_endpoints.change_endpoint(session, id, wanted, by=admin, now=NOW)


def lines(store: Store, admin: Viewer) -> list[EndpointLine]:
    with store.reading() as session:
        return list(llm_endpoints.endpoint_lines(session, admin))


def test_an_endpoint_lives_from_its_entry_to_its_end(store: Store, admin: Viewer) -> None:
    first = enter(store, admin, base_url=" https://api.example.com/v1/chat/completions ")
    second = enter(store, admin, name="本机", base_url="http://127.0.0.1:11434/v1", api_key="", extra="")
    (line, other) = lines(store, admin)
    assert (line.id, line.key_hint, line.is_in_use, line.has_price) == (first, "…cdef", True, True)
    assert (other.id, other.key_hint, other.is_in_use) == (second, "", False)
    assert KEY not in repr(line) + str(msgspec.to_builtins(line))
    with store.reading() as session:
        stored, endpoint = endpoint_to_ask(session)
    assert (stored.name, endpoint.api_key, endpoint.base_url) == ("DeepSeek", KEY, "https://api.example.com/v1")
    assert endpoint.price is not None
    assert (endpoint.temperature, endpoint.extra, endpoint.modes) == (
        None, {"thinking": {"type": "disabled"}}, ("json_object", "text"),
    )  # fmt: skip
    change(store, admin, first)
    change(store, admin, first, model="deep-2", stream=True, input_price="", output_price=None)
    with store.reading() as session:
        endpoint = endpoint_to_ask(session, first)[1]
    assert (endpoint.model, endpoint.api_key, endpoint.stream, endpoint.price) == ("deep-2", KEY, True, None)
    with store.writing() as session:
        llm_endpoints.choose_endpoint(session, second, by=admin, now=NOW)
        llm_endpoints.choose_endpoint(session, second, by=admin, now=NOW)
        llm_endpoints.retire_endpoint(session, second, by=admin, now=NOW)
    with store.reading() as session:
        assert grader_settings(session).endpoint_id is None
        for asked in (None, second):
            with pytest.raises(NoEndpointError):
                endpoint_to_ask(session, asked)
    for act in (llm_endpoints.choose_endpoint, llm_endpoints.retire_endpoint):
        with store.writing() as session, pytest.raises(RetiredEndpointError):
            act(session, second, by=admin, now=NOW)
    assert [(action, id, details) for action, id, _shop, details in log_of(store, "endpoint.")] == [
        ("endpoint.created", first, {}),
        ("endpoint.chosen", first, {}),
        ("endpoint.created", second, {}),
        ("endpoint.changed", first, {"fields": ["input_price", "model", "options", "output_price"]}),
        ("endpoint.chosen", second, {}),
        ("endpoint.retired", second, {}),
    ]


@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"name": ""}, wrong.EndpointNameFormError),
        ({"base_url": "api.example.com"}, wrong.EndpointUrlError),
        ({"base_url": "https://a:b@example.com"}, wrong.EndpointUrlError),
        ({"base_url": "https://[bad"}, wrong.EndpointUrlError),
        ({"base_url": "https://example.com/a b"}, wrong.EndpointUrlError),
        ({"base_url": "https://example.com/" + "a" * 500}, wrong.EndpointUrlError),
        ({"model": " "}, wrong.EndpointModelError),
        ({"api_key": "密钥"}, wrong.EndpointKeyError),
        ({"api_key": "k" * 1001}, wrong.EndpointKeyError),
        ({"api_key": "$QAPLATFORM_SECRET_KEY"}, wrong.KeyVariableError),
        ({"api_key": "$HOME"}, wrong.KeyVariableError),
        ({"input_price": "-1"}, wrong.InputPriceError),
        ({"input_price": "two"}, wrong.InputPriceError),
        ({"output_price": "NaN"}, wrong.OutputPriceError),
        ({"output_price": "1e7"}, wrong.OutputPriceError),
        ({"output_price": "1e-400"}, wrong.OutputPriceError),
        ({"output_price": ""}, wrong.HalfPriceError),
        ({"currency": "EUR"}, wrong.CurrencyError),
        ({"context_tokens": 1000}, wrong.ContextTokensError),
        ({"context_tokens": 10**9}, wrong.ContextTokensError),
        ({"temperature": -1.0}, wrong.TemperatureError),
        ({"temperature": float("nan")}, wrong.TemperatureError),
        ({"deadline_seconds": 0.0}, wrong.DeadlineError),
        ({"deadline_seconds": 901.0}, wrong.DeadlineError),
        ({"extra": "[]"}, wrong.ExtraError),
        ({"extra": '{"a": NaN}'}, wrong.ExtraError),
        ({"extra": '{"model": "other"}'}, wrong.ExtraError),
        ({"extra": "[" * 3000}, wrong.ExtraError),
        ({"extra": '{"a": "' + "x" * 4000 + '"}'}, wrong.ExtraError),
        ({"extra": '{"a": "\ud800"}'}, wrong.ExtraError),
    ],
)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_cannot_be_is_refused(
    store: Store, admin: Viewer, about: dict[str, Any], error: type[QAPlatformError]
) -> None:
    id = enter(store, admin)
    with pytest.raises(error):
        enter(store, admin, **{"name": "new", **about})
    with pytest.raises(error):
        change(store, admin, id, **about)


@pytest.mark.both_databases
def test_a_name_is_taken_by_one_only_retired_ones_too(store: Store, admin: Viewer) -> None:
    id, other = enter(store, admin), enter(store, admin, name="other")
    with store.writing() as session:
        llm_endpoints.retire_endpoint(session, id, by=admin, now=NOW)
    for act in (lambda: enter(store, admin), lambda: change(store, admin, other, name="DeepSeek")):
        with pytest.raises(EndpointNameTakenError):
            act()


def test_every_preset_can_be_entered_as_it_is(store: Store, admin: Viewer) -> None:
    for preset in presets():
        for language in ("zh", "en"):
            fields = fields_of_preset(preset, language)
            id = enter(store, admin, **{**msgspec.structs.asdict(fields), "name": f"{preset.id} {language}"})
        with store.reading() as session:
            found, wanted = endpoint_to_ask(session, id)[1], preset.endpoint()
        assert found == msgspec.structs.replace(wanted, name=found.name)
    assert len(lines(store, admin)) == 2 * len(presets())


@pytest.mark.both_databases
def test_a_key_goes_to_no_other_server_and_can_be_forgotten(
    store: Store, admin: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = enter(store, admin)
    change(store, admin, id, base_url="https://api.example.com/v2")
    with pytest.raises(wrong.KeyAgainError):
        change(store, admin, id, base_url="https://elsewhere.example.com/v2")
    with pytest.raises(wrong.KeyAgainError):
        change(store, admin, id, base_url="http://api.example.com/v2")
    change(store, admin, id, base_url="https://elsewhere.example.com/v2", api_key="$DEEPSEEK_API_KEY")
    assert lines(store, admin)[0].key_hint == "$DEEPSEEK_API_KEY"
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    with store.reading() as session, pytest.raises(KeyNotThereError):
        endpoint_to_ask(session)
    monkeypatch.setenv("DEEPSEEK_API_KEY", "from-outside")
    with store.reading() as session:
        assert endpoint_to_ask(session)[1].api_key == "from-outside"
    change(store, admin, id, api_key="short")
    assert lines(store, admin)[0].key_hint == "…"
    change(store, admin, id, forgets_key=True)
    assert lines(store, admin)[0].key_hint == ""


def test_only_who_may_manage_the_grader_does(store: Store, admin: Viewer) -> None:
    id = enter(store, admin)
    acts = [
        lambda: enter(store, OUTSIDER, name="x"), lambda: change(store, OUTSIDER, id), lambda: lines(store, OUTSIDER),
        lambda: try_endpoint(store, OUTSIDER, id, now=NOW),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(AccessError):
            act()
    with store.writing() as session:
        for steer in (llm_endpoints.choose_endpoint, llm_endpoints.retire_endpoint):
            with pytest.raises(AccessError):
                steer(session, id, by=OUTSIDER, now=NOW)
            with pytest.raises(UnknownEndpointError):
                steer(session, 99, by=admin, now=NOW)
    for missing in (lambda: change(store, admin, 99), lambda: try_endpoint(store, admin, 99, now=NOW)):
        with pytest.raises(UnknownEndpointError):
            missing()


@pytest.mark.both_databases
@pytest.mark.loopback
def test_a_trial_says_what_came_back_and_stands_in_the_ledger(store: Store, admin: Viewer) -> None:
    with FakeLLM('{"ok": true}') as server:
        id = enter(store, admin, base_url=server.base_url, model=MODEL)
        good = try_endpoint(store, admin, id, now=NOW)
        change(store, admin, id, model="elsewhere", input_price=None, output_price=None)
        odd = try_endpoint(store, admin, id, now=NOW)
    assert (good.is_good, good.knows_model, good.answered_by, good.answer) == (True, True, MODEL, '{"ok": true}')
    assert (odd.is_good, odd.knows_model) == (True, False)
    assert good.usage is not None
    day = grader_day(store)
    with store.reading() as session:
        sums = spending(session, day, day, "question", "model")
    assert {(one.of, one.currency, one.money_micros > 0) for one in sums} == {
        ((TRIAL, "elsewhere"), NO_PRICE, False), ((TRIAL, MODEL), "CNY", True),
    }  # fmt: skip
    assert [details for *_, details in log_of(store, "endpoint.tried")] == [{"works": 1}] * 2


@pytest.mark.loopback
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["refused", "429", "500", "truncated_json"])
def test_a_trial_that_fails_says_why(store: Store, admin: Viewer, fault: Any) -> None:
    with FakeLLM(Fault(fault)) as server:
        id = enter(store, admin, base_url=server.base_url)
        trial = try_endpoint(store, admin, id, now=NOW)
    wanted = {"refused": "refused_connection", "429": "http_429", "500": "http_5xx", "truncated_json": "not_json"}
    assert trial.fault is not None
    assert (trial.is_good, trial.fault.reason) == (False, wanted[fault])
    assert KEY not in repr(trial)


def grader_day(store: Store) -> Any:
    with store.reading() as session:
        return grader_settings(session).day_of(NOW)
