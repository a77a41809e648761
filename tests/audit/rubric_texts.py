"""Rubrics for tests of loading them, with their marked mistakes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from qaplatform.audit.rubric import CheckSpec, Rubric
from qaplatform.audit.rubric_loading import check_rubric, load_rubric


class SlowParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit_seconds: float = 60.0
    near_chars: int = 20
    slow_ratio: float = 0.5
    grace_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    mode: Literal["first", "every"] = "every"
    strict: bool = False
    soothing_groups: tuple[str, ...] = ("apology",)
    since: date | None = None
    limits: dict[str, float] = {}

    def __post_init__(self) -> None:
        if self.grace_seconds > self.limit_seconds:
            raise ValueError("grace_seconds must not exceed limit_seconds")


class NeedyParams(msgspec.Struct, frozen=True, kw_only=True):
    words: tuple[str, ...]


CHECKS = {
    "slow_reply": CheckSpec("slow_reply", SlowParams, ("slow", "none")),
    "needy": CheckSpec("needy", NeedyParams),
}


OBSERVERS = {"moods": SlowParams}


PHRASES = """\
groups:
  apology: {who: agent, phrases: [抱歉], hits: [很抱歉], misses: [道歉信]}
"""


SECTION = """\
id: red_lines
title: {zh: 红线, en: Red lines}
criteria:
  - {id: manners, kind: manual, title: {zh: 礼貌, en: Manners}, weight: 10}
"""


RUBRIC = """\
id: shop
version: "1.0"
title: {zh: 店铺, en: Shop}
applies: {channel: [chat], queue: [no]}
pass_mark: 85
scored_share_floor: 0.4
phrases: [phrases/words.yaml]
observe:
  moods: {limit_seconds: 5}
sections:
  - include: sections/red.yaml
  - id: speed
    title: {zh: 速度, en: Speed}
    criteria:
      - id: slow_reply
        title: {zh: 响应时效, en: Response time}
        weight: 15
        severity: severe
        when: {queue: [after_sale], tier: [vip], min_order_value: 99.5}
        effective: {from: 2026-01-01, until: 2027-01-01}
        params:
          limit_seconds: 30
          mode: first
          since: 2026-02-03
          limits: {complaint: 300}
        wording:
          zh: {slow: "等了{seconds:.0f}秒", none: 无人回复}
          en: {slow: "waited {seconds:.0f} s", none: no reply}
        policy: {zh: 一分钟内回复, en: Answer within a minute}
        better: {zh: "您好,马上为您看", en: "Hello, let me look"}
        examples:
          - outcome: fail
            code: slow
            day: 2026-11-11
            as_of: 2026-11-12T10:00:00
            conversation: {queue: after_sale, tier: vip, order_value: 399, return_addresses: [某市某路1号]}
            chat: |
              customer 20:00:00 在吗
              agent    20:03:00 在的
          - outcome: pass
            chat: |
              customer 20:00:00 在吗
              agent    20:00:10 在的
      - id: tone
        kind: question
        title: {zh: 语气, en: Tone}
        question: {prompt: tone, good: no, evidence: optional}
        options:
          - {id: full, title: {zh: 好, en: good}, points: 15}
          - {id: none, title: {zh: 差, en: poor}, points: 0}
      - {id: rude, kind: manual, title: {zh: 辱骂, en: Rude}, critical: true}
      - {id: minor_slips, kind: manual, title: {zh: 小错, en: Slips}, deduction: 2, max_deduction: 6}
"""


FILES = {"house/shop.yaml": RUBRIC, "house/phrases/words.yaml": PHRASES, "house/sections/red.yaml": SECTION}


def loaded(rubric: str = RUBRIC, **files: str) -> Rubric:
    texts = {**FILES, "house/shop.yaml": rubric, **{f"house/{name}.yaml": text for name, text in files.items()}}
    return load_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)


def problems_of(rubric: str, path: str = "house/shop.yaml") -> list[str]:
    texts = {**FILES, path: rubric}
    return [str(problem) for problem in check_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)[1]]
