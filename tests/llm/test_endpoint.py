"""Settings of endpoints: what is refused, what is never shown, and presets that hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.pretty import pretty_repr

from qaplatform.llm.budget import Price
from qaplatform.llm.endpoint import Abilities, Endpoint, EndpointError, UnknownPresetError, preset, presets

GOOD = {"name": "x", "base_url": "https://models.example/v1", "model": "m", "api_key": "sk-1"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "models.example/v1"),
        ("base_url", "ftp://models.example"),
        ("base_url", "https://"),
        ("base_url", "https://models.example:port/v1"),
        ("base_url", "https://models..example/v1"),
        ("base_url", "https://user:word@models.example/v1"),
        ("base_url", "https://models.example/v1?key=1"),
        ("model", "  "),
        ("api_key", "sk 1"),
        ("api_key", "sk-1\n"),
        ("api_key", "密钥"),
        ("input_price", Decimal(-1)),
        ("output_price", Decimal("NaN")),
        ("context_tokens", 0),
        ("temperature", 2.5),
        ("temperature", float("nan")),
        ("deadline_seconds", 0.0),
        ("deadline_seconds", 3600.0),
        ("most_reply_bytes", 10),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(field: str, value: object) -> None:
    Endpoint(**GOOD)
    with pytest.raises(EndpointError) as caught:
        Endpoint(**GOOD | {field: value})
    assert caught.value.field == field


def test_an_endpoint_is_shown_without_its_key() -> None:
    endpoint = Endpoint(**GOOD | {"api_key": "sk-secret"})
    assert "sk-secret" not in repr(endpoint) + str(endpoint) + pretty_repr(endpoint)
    assert "models.example" in repr(endpoint)


def test_a_price_needs_both_halves() -> None:
    assert Endpoint(**GOOD, input_price=Decimal(2)).price is None
    both = Endpoint(**GOOD, input_price=Decimal(2), output_price=Decimal(8), currency="USD")
    assert both.price == Price(Decimal(2), Decimal(8), "USD")


def test_parameters_are_those_that_can_change_an_answer() -> None:
    bare = Endpoint(**GOOD, temperature=None)
    assert bare.parameters() == {}
    full = Endpoint(**GOOD, abilities=Abilities(seed=True), extra={"thinking": {"type": "disabled"}})
    assert full.parameters() == {"thinking": {"type": "disabled"}, "temperature": 0.0, "seed": 7}
    assert bare.modes == ("text",)


@pytest.mark.parametrize("one", presets(), ids=lambda one: one.id)
def test_a_preset_makes_an_endpoint_and_invents_no_price(one) -> None:
    endpoint = one.endpoint("sk-1")
    assert endpoint.price == (Price(Decimal(0), Decimal(0), "CNY") if one.local else None)
    assert endpoint.base_url.startswith("http://127.0.0.1" if one.local or one.id == "custom" else "https://")
    assert one.title.zh
    assert one.title.en


def test_presets_are_found_by_name() -> None:
    names = [one.id for one in presets()]
    assert len(set(names)) == len(names)
    assert {"deepseek", "dashscope", "zhipu", "moonshot", "ark", "siliconflow", "openai", "ollama", "vllm"} <= set(
        names
    )
    assert preset("ollama").endpoint(model="qwen3:4b").model == "qwen3:4b"
    with pytest.raises(UnknownPresetError, match="deepseek"):
        preset("deepsea")
