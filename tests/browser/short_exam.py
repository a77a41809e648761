"""An exam that takes seconds: a scenario of the tests' own, and what passes and fails it."""

from __future__ import annotations

SCENARIO = """\
id: short-parcel
title: {zh: 快递停了两天, en: A parcel that stands still}
summary: {zh: 安抚、查询、给出时间, en: "Comfort, look it up, name a time"}
kind: short
level: easy
chat: {shop: 小满家居, queue: after_sale, order_value: 59}
persona:
  name: 林女士
  voice: plain
  about: {zh: 快递两天没动了, en: Her parcel has not moved for two days}
clock: {starts_at: 2026-10-16T10:15:00+08:00, ends_after_seconds: 900, waits_seconds: 400}
mood: {start: 9}
opening:
  - [我的快递两天没动了，有点着急]
steps:
  - id: start
    reactions:
      - {when: [{act: promises, due: true}], says: [好的，那我等您消息], mood: 2, goto: agreed}
  - {id: agreed, settled: true}
goals:
  - {id: calm, title: {zh: 客户情绪平稳, en: The customer is calm}, points: 10, mood_at_least: 4}
required:
  - {id: soothes, title: {zh: 安抚, en: Comfort}, points: 40, act: [soothes, apologises]}
  - {id: promised, title: {zh: 说了什么时候有结果, en: Said by when}, points: 30, act: promises, due: true}
  - {id: checks_end, title: {zh: 结束前确认, en: Check before closing}, points: 20, act: closes}
forbidden:
  - {id: rude, title: {zh: 禁语或推责, en: Banned or blaming words}, costs: 40, act: rebuffs, sign: [banned, insult], fails: true}
panel:
  order:
    - {title: {zh: 订单, en: Order}, text: "2610110066120，收纳盒，实付59元"}
  logistics:
    - {title: {zh: 物流, en: Parcel}, text: "停在杭州中转站，10月14日 09:12"}
references:
  good:
    replies:
      - {after_seconds: 12, says: "您好，我是客服小周。快递两天没动静，换谁都会着急，非常抱歉。", acts: [greets, soothes, apologises]}
      - {after_seconds: 10, at_once: true, says: "我已经催了快递，今天18:00前给您回复结果。", acts: [promises callback due]}
      - {after_seconds: 14, says: "请问还有其他可以帮您的吗？", acts: [closes]}
  bad:
    replies:
      - {after_seconds: 66, says: "这个我也没办法，你自己等着吧", acts: [rebuffs]}
      - {after_seconds: 4, at_once: true, says: "尽快吧", acts: [promises check]}
"""
BAD = ("您好，催什么催，这个我也没办法", "尽快给您处理")
GOOD = (
    "您好，我是小满家居的客服小安。包裹停了两天让您这么着急，真的很抱歉，我马上帮您看。",
    "查到停在杭州中转站，我这就去催快递，今天晚上8点前给您回电话。",
    "您看还有别的需要我帮忙的吗？",
)
NO_TIME = (GOOD[0], "我这边马上去催快递，一有结果就给您说", GOOD[2])
"""Kind, but nobody knows by when: fails the task and a criterion of the service."""
