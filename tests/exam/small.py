"""A small scenario and its customer, with acts written out in brackets: ``[asks photo] 请发照片``."""

from __future__ import annotations

from functools import lru_cache

from qaplatform.exam.customer import Customer, listener_for
from qaplatform.exam.dialogue import State
from qaplatform.exam.playing import played
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import check_scenarios, shipped_voices
from tests.exam.standing import Spelled, shipped_auditor

SMALL = """\
id: small
title: {zh: 杯子, en: A cup}
summary: {zh: 小, en: Small}
kind: small
level: easy
chat: {shop: 小满家居, queue: after_sale}
persona: {name: 小甲, voice: plain, about: {zh: 人, en: Somebody}}
clock: {starts_at: 2026-10-13T14:20:00+08:00, ends_after_seconds: 600}
mood: {start: 4}
variants: [{thing: 杯子}, {thing: 盘子}]
opening: ["{thing}碎了，真气人", "收到的{thing}是碎的，失望"]
opening_asks: what_now
questions:
  - {id: what_now, says: [怎么办], again: [到底怎么处理], answered_by: [{act: offers}]}
  - {id: second, says: [有发票吗], again: [发票呢], answered_by: [{act: explains, about: invoice}]}
facts:
  - {id: photo, kind: image, says: ["[图片：碎片]"]}
  - {id: order_id, says: ["单号1", "是单号1"], mood_at_least: 3, refuses_to_tell: [不想说]}
steps:
  - id: start
    reactions:
      - {when: [{act: offers, about: refund}], says: [退款好的], mood: 1, goto: done}
  - {id: done, settled: true}
interruptions:
  - {id: threat, kind: threat, when: [{mood_at_most: 3}], says: [我要投诉]}
  - {id: invoice, kind: second_question, when: [{told: order_id}], asks: second}
  - {id: quiet, kind: silence, when: [{done: done}], silent_seconds: 40}
goals:
  - {id: done, title: {zh: 谈定, en: Agreed}, points: 50, step: done}
  - {id: photo, title: {zh: 看照片, en: Picture}, points: 20, fact: photo, before: {act: offers}}
required:
  - {id: soothes, title: {zh: 安抚, en: Comfort}, points: 30, act: soothes, before: {act: offers}}
forbidden:
  - {id: review, title: {zh: 要好评, en: Review}, costs: 20, act: asks_for_review, fails: true}
"""


@lru_cache(maxsize=1)
def small_scenario() -> Scenario:
    scenarios, problems = check_scenarios({**shipped_voices(), "scenarios/small.yaml": SMALL})
    assert [str(one) for one in problems if one.severity == "error"] == []
    return scenarios["small"]


def customer(seed: int = 1, scenario: Scenario | None = None) -> Customer:
    chosen = scenario or small_scenario()
    return Customer(chosen, seed, listener_for(chosen, shipped_auditor(), Spelled()))


def talk(*texts: tuple[int, str], until: int, seed: int = 1) -> State:
    """The dialogue of these messages at these seconds, as it stands at ``until``."""
    one = customer(seed)
    return one.until(played(one, texts), until)


def said_by_customer(state: State, after: int = 0) -> list[str]:
    return [line.text for line in state.lines if line.by == "customer" and line.at_seconds > after]
