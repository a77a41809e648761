"""The language models in the browser: from an empty page to a connection that was tried, caps, and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.llm.endpoint import presets
from qaplatform.services.grader_settings import GraderSettings, grader_settings, keep_settings
from qaplatform.store.engine import Store
from qaplatform.store.llm_spending import NO_PRICE, add_spending
from qaplatform.store.tables import LlmEndpoint
from qaplatform.testing.fake_llm import MODEL, FakeLLM, Fault
from tests.web.conftest import SignIn

KEY = "sk-0123456789abcdef"
FIELDS = {
    "name": "DeepSeek", "base_url": "https://api.example.com", "model": "deep-1", "api_key": KEY, "input_price": "2",
    "output_price": "3", "currency": "CNY", "context_tokens": "32768", "temperature": "0", "deadline_seconds": "60",
}  # fmt: skip
SETTINGS = {
    "day_tokens": "1000000", "run_money": "2.50", "conversation_tokens": "", "currency": "CNY", "at_once": "2",
    "questions_a_call": "1", "least_n": "300", "least_rare": "40", "least_agreement": "95", "least_kappa": "0.75",
    "timezone": "Asia/Shanghai",
}  # fmt: skip
ONLY_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def add(store: Store, **about: Any) -> int:
    with store.writing() as session:
        row = LlmEndpoint(
            **{"name": "本机", "base_url": "http://127.0.0.1:9/v1", "model": MODEL, "created_at": clock.now(), **about}
        )
        session.add(row)
        session.flush()
        keep_settings(session, msgspec.structs.replace(grader_settings(session), endpoint_id=row.id))
        return row.id


def settings(store: Store) -> GraderSettings:
    with store.reading() as session:
        return grader_settings(session)


def test_an_endpoint_from_a_preset_to_its_retirement(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    begin = client.get("/grader").text
    assert "还没有选用语言模型" in begin
    assert "这是可选的" in begin
    chosen = client.get("/grader/endpoints/new").text
    assert all(one.title.zh in chosen for one in presets())
    filled = client.get("/grader/endpoints/new?preset=deepseek").text
    assert 'value="https://api.deepseek.com"' in filled
    assert "思考模式默认开启" in filled
    made = client.submit(
        "/grader/endpoints/new", {**FIELDS, "preset": "deepseek"}, page="/grader/endpoints/new?preset=deepseek"
    )
    assert made.status_code == 303
    assert made.location
    shown = client.get(made.location).text
    assert "请测试一下连接" in shown
    assert "…cdef" in shown
    again = client.submit(made.location, {**FIELDS, "api_key": "", "model": "deep-2"})
    assert again.status_code == 303
    overview = client.get("/grader").text
    assert all(said in overview for said in ("DeepSeek", "deep-2", "api.example.com", "没有设每天的上限"))
    for page in ("/grader", "/grader/endpoints", made.location):
        assert KEY not in client.get(page).text
    with store.reading() as session:
        assert session.scalars(select(LlmEndpoint)).one().api_key == KEY
    second = client.submit(
        "/grader/endpoints/new", {**FIELDS, "name": "备用的"}, page="/grader/endpoints/new?preset=custom"
    )
    assert client.submit(f"{second.location}/use", page="/grader/endpoints").status_code == 303
    assert second.location == f"/grader/endpoints/{settings(store).endpoint_id}"
    assert "停用后不能恢复" in client.get(f"{second.location}/retire").text
    assert client.submit(f"{second.location}/retire").status_code == 303
    assert settings(store).endpoint_id is None
    assert client.get(f"{second.location}/retire").status_code == 404
    for act in ("use", "try", "retire"):
        assert client.submit(f"{second.location}/{act}", page="/grader/settings").status_code == 303
    assert "这个模型接口已停用" in client.get("/grader/endpoints").text
    assert "密钥已删除" in client.get(str(second.location)).text
    log = signed_in("admin").get("/admin/activity").text
    assert all(said in log for said in ("添加模型接口", "修改模型接口", "停用模型接口", "DeepSeek"))


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "请填写此项。"),
        ({"name": "本机"}, "已有同名的模型接口"),
        ({"base_url": "api.example.com"}, "地址应以 https://"),
        ({"api_key": "$HOME"}, "环境变量名应以 _API_KEY 结尾"),
        ({"input_price": "x"}, "价格应为 0 到"),
        ({"output_price": ""}, "请同时填写两个价格"),
        ({"currency": "EUR"}, "field-errors"),
        ({"context_tokens": "1"}, "上下文长度应在"),
        ({"temperature": "nan"}, "温度应在 0 到 2"),
        ({"deadline_seconds": "inf"}, "时限应大于 0 秒"),
        ({"extra": '{"model": "x"}'}, "附加参数应为 JSON 对象"),
    ],
)
def test_a_wrong_field_is_said_beside_it(signed_in: SignIn, store: Store, values: dict[str, str], said: str) -> None:
    add(store)
    answer = signed_in("lead").submit(
        "/grader/endpoints/new", {**FIELDS, **values}, page="/grader/endpoints/new?preset=custom"
    )
    assert answer.status_code == 400
    assert said in answer.text
    assert KEY not in answer.text


@pytest.mark.loopback
@ONLY_SQLITE
def test_a_connection_is_tried_on_its_page(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    with FakeLLM('{"ok": true}') as server:
        id = add(store, base_url=server.base_url, model="alias")
        good = client.submit(f"/grader/endpoints/{id}/try", page=f"/grader/endpoints/{id}").text
    assert all(said in good for said in ("连接正常", "没有“alias”", MODEL, "服务列出了 1 个模型"))
    for fault, said in (("refused", "连不上模型的地址"), ("401", "密钥不对或已失效"), ("truncated", "关闭思考模式")):
        with FakeLLM(Fault(fault)) as server:  # type: ignore[arg-type]
            id = add(store, name=fault, base_url=server.base_url)
            assert said in client.submit(f"/grader/endpoints/{id}/try", page=f"/grader/endpoints/{id}").text
    id = add(store, name="missing", api_key="$NOT_THERE_API_KEY")
    assert client.submit(f"/grader/endpoints/{id}/try", page=f"/grader/endpoints/{id}").status_code == 303
    here = client.get("/grader").text
    assert "密钥所在的环境变量没有设置" in here
    assert "在质检标准的草稿里加入模型判断题并发布" in here  # The first steps stay until a model was asked.
    # As after changing the language on the page that a try showed.
    assert client.get(f"/grader/endpoints/{id}/try").headers["Location"] == f"/grader/endpoints/{id}"


def test_settings_are_changed_and_a_cap_that_cannot_be_held_is_explained(signed_in: SignIn, store: Store) -> None:
    client, page = signed_in("lead"), "/grader/settings"
    id = add(store)
    assert client.submit(page, SETTINGS).status_code == 303
    now = settings(store)
    assert (now.endpoint_id, now.day_tokens, now.run_money_micros, now.conversation_tokens) == (
        id,
        1_000_000,
        2_500_000,
        None,
    )
    assert (now.bar.least_n, now.bar.least_agreement, now.bar.least_kappa, now.at_once) == (300, 0.95, 0.75, 2)
    shown = client.get(page).text
    assert 'value="2.5"' in shown
    assert 'value="95"' in shown
    assert "没有填写模型的价格" in shown
    assert "所有提问都会被拒绝" in client.get("/grader").text
    for values, said in (
        ({"day_tokens": "0"}, "应为大于 0 的整数"), ({"run_money": "0"}, "应为大于 0 的金额"), ({"run_money": "sNaN"}, "field-errors"),
        ({"run_money": "1e99"}, "应为大于 0 的金额"), ({"at_once": ""}, "请填写此项。"), ({"timezone": "Mars/Base"}, "没有这个时区"),
        ({"least_agreement": "nan"}, "应在 50 到 100"), ({"least_n": "19"}, "应在 20 到"),
    ):  # fmt: skip
        answer = client.submit(page, {**SETTINGS, **values})
        assert (answer.status_code, said in answer.text) == (400, True), values


def test_the_ledger_shows_sums_by_currency_and_says_what_is_unknown(signed_in: SignIn, store: Store) -> None:
    today = settings(store).day_of(clock.now())
    call: dict[str, Any] = {
        "day": today, "endpoint": "DeepSeek", "model": "deep-1", "rubric": "ecommerce-service", "questions": ("tone",),
        "currency": "CNY", "is_fault": False, "prompt_tokens": 1200, "completion_tokens": 34, "money_micros": 1_234_500,
    }  # fmt: skip
    with store.writing() as session:
        keep_settings(session, GraderSettings(day_tokens=10_000, day_money_micros=5_000_000))
        add_spending(session, **call)
        add_spending(session, **call | {"currency": "USD", "money_micros": 900, "is_fault": True})
        add_spending(
            session, **call | {"currency": NO_PRICE, "money_micros": 0, "questions": ("gone", "connection_test")}
        )
        add_spending(session, **call | {"day": today - timedelta(days=20), "prompt_tokens": 7_000_000, "rubric": ""})
    client = signed_in("teamlead")
    assert client.get("/grader/costs").status_code == 403
    assert 'href="/grader/runs"' not in client.get("/grader").text  # Their list could never hold one.
    client = signed_in("lead")
    assert 'href="/grader/runs"' in client.get("/grader").text
    page = client.get("/grader/costs").text
    for said in (
        "¥1.23",
        "$0.0009",
        "1,234 token 价格未知",
        "语气得体",
        "测试连接",
        "gone",
        "上限 10,000",
        "不同币种分别合计",
    ):
        assert said in page, said
    assert "不属于质检标准" in client.get("/grader/costs?period=30").text
    day = today - timedelta(days=20)
    assert "7,000,000" in client.get(f"/grader/costs?from={day}&to={day}").text
    assert "这段时间没有用过" in client.get("/grader/costs?to=0001-01-01").text
    for wrong in ("from=2026-02-02&to=2026-01-01", "from=0001-01-01&to=9999-12-31"):
        assert "一次最多看 366 天" in client.get(f"/grader/costs?{wrong}").text
    assert client.get("/grader/costs?from=x").status_code == 200


@ONLY_SQLITE
def test_who_sees_what(signed_in: SignIn, store: Store) -> None:
    add(store)
    for login, ways in (
        ("lead", ("/grader/costs", "/grader/endpoints", "/grader/settings")),
        ("admin", ("/grader/costs", "/grader/endpoints", "/grader/settings")),
        ("inspector", ()),
        ("mentor", ()),
    ):
        client = signed_in(login)
        page = client.get("/grader").text
        assert 'href="/grader"' in client.get("/").text
        found = [way for way in ("/grader/costs", "/grader/endpoints", "/grader/settings") if f'href="{way}"' in page]
        assert tuple(found) == ways, login
    assert signed_in("agent").get("/grader").status_code == 403


@ONLY_SQLITE
def test_a_shop_may_forbid_that_anything_is_sent(signed_in: SignIn) -> None:
    client = signed_in("admin")
    assert "不发送给语言模型" in client.get("/admin/shops/1").text
    fields = {
        "name": "晴空",
        "code": "s1",
        "shop_class": "B",
        "timezone": "Asia/Shanghai",
        "active": "y",
        "forbids_llm": "y",
    }
    assert client.submit("/admin/shops/1", fields).status_code == 303
    assert 'name="forbids_llm" type="checkbox" value="y"' in client.get("/admin/shops/1").text.replace("checked ", "")
    assert "不发送给语言模型" in client.get("/admin/activity").text
