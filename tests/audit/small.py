"""A small rubric that compiles in no time, as text, as a value and as files; word lists and chats in one line."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import checks
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_conversation
from qaplatform.audit.observing import ObserverSet, observers
from qaplatform.audit.phrases import PhraseBook, PhraseGroup
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.rubric_loading import load_rubric

WORDS = """\
groups:
  bad:
    who: agent
    phrases: [没办法, 不可能]
    unless: ["不是不可能"]
    hits: [这个我也没办法]
    misses: [办法总会有]
  greeting: {who: agent, phrases: [您好, 在的], hits: ["您好,在的"], misses: [再见]}
  end/thanks: {who: customer, phrases: [谢谢], hits: [谢谢你], misses: [谢绝]}
  ask/question: {who: customer, patterns: ["[吗呢?]$", "什么时候|怎么"], hits: [有货吗], misses: [收到了]}
  close/check: {who: agent, phrases: [还有其他问题], hits: [还有其他问题吗], misses: [没问题]}
  topic/logistics/late: {who: customer, phrases: [物流], hits: [物流不动], misses: [人流]}
"""
RUBRIC = """\
id: small
version: "1.0"
title: {zh: 小标准, en: Small rubric}
pass_mark: 60
scored_share_floor: 0.4
phrases: [words.yaml]
sections:
  - id: only
    title: {zh: 唯一, en: Only}
    criteria:
      - id: greeting
        title: {zh: 问候, en: Greeting}
        weight: 4
        wording: {zh: {no_greeting: 没有问候}, en: {no_greeting: no greeting}}
        examples:
          - {outcome: fail, code: no_greeting, chat: "customer 在吗\\nagent 有货"}
          - {outcome: pass, chat: "customer 在吗\\nagent 您好"}
      - id: phrases
        title: {zh: 禁语, en: Forbidden words}
        weight: 10
        deduction: 4
        params: {groups: [bad]}
        wording: {zh: {forbidden_words: 说了禁语}, en: {forbidden_words: forbidden words}}
        policy: {zh: 不说禁语, en: No forbidden words}
        better: {zh: 我帮您想想办法, en: Let me find a way}
        examples:
          - {outcome: fail, code: forbidden_words, chat: "customer 能退吗\\nagent 没办法"}
          - {outcome: pass, chat: "customer 能退吗\\nagent 可以"}
      - id: response_time
        title: {zh: 响应时效, en: Response time}
        weight: 6
        when: {queue: [after_sale]}
        params: {no_answer_groups: [end/thanks], waiting_groups: [ask/question]}
        wording: {zh: {late: 回复慢, unanswered: 没有回复}, en: {late: late, unanswered: no reply}}
        examples:
          - outcome: fail
            code: late
            conversation: {queue: after_sale}
            chat: |
              customer 10:00:00 到哪了
              agent    10:05:00 在途
          - outcome: pass
            conversation: {queue: after_sale}
            chat: |
              customer 10:00:00 到哪了
              agent    10:00:05 在途
      - {id: tone, kind: manual, title: {zh: 语气, en: Tone}, weight: 5}
"""
FILES = {"small.yaml": RUBRIC, "words.yaml": WORDS}


@lru_cache(maxsize=1)
def small_rubric() -> Rubric:
    """The rubric as a value."""
    return load_rubric(
        "small.yaml", FILES.__getitem__, checks(), {name: one.params for name, one in observers().items()}
    )


@lru_cache(maxsize=1)
def small_matcher() -> Matcher:
    """Its matcher."""
    return Matcher(small_rubric().phrases)


def write_rubric(folder: Path, **changed: str) -> Path:
    """The rubric's files in a folder (``words`` or ``small`` may be given otherwise); the path of the rubric."""
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(Path(name).stem, text), encoding="utf-8")
    return folder / "small.yaml"


def book(**groups: PhraseGroup | tuple[str, ...]) -> PhraseBook:
    """Groups by id; a tuple holds phrases for everybody."""
    return PhraseBook(
        group if isinstance(group, PhraseGroup) else PhraseGroup(id=name, phrases=group)
        for name, group in groups.items()
    )


def chat(number: int | str, *lines: str) -> Conversation:
    """A conversation in the transcript notation, a line each."""
    return parse_conversation("\n".join(lines), id=str(number))


def batch_of(*conversations: Conversation, matcher: Matcher | None = None, context: Context | None = None) -> Batch:
    """A batch under the small rubric."""
    return Batch(conversations, matcher or small_matcher(), context or Context(), ObserverSet())
