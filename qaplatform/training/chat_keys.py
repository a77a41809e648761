"""What the rubric says of a dialogue: the key of *judge this chat*, as written and as it is now.

The written key makes a question readable; the live one follows the rubric in force. A law test compares both for every shipped
question, so that neither lags behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.notation import parse_conversation
from qaplatform.audit.saying import Saying, say
from qaplatform.training.questions import JudgeChat, Verdict


class KeySpan(msgspec.Struct, frozen=True, order=True):
    """Words of a message that the rubric finds, half open."""

    message: int
    start: int
    end: int
    criterion: str


class ChatKey(msgspec.Struct, frozen=True):
    """What is right: spans for *mark*; verdicts by criterion and the score for *score*."""

    spans: tuple[KeySpan, ...] = ()
    verdicts: Mapping[str, Verdict] = {}
    score: float | None = None


def written_key(question: JudgeChat) -> ChatKey:
    """The key as the question's file has it."""
    messages = question.conversation.messages
    spans = []
    for fault in question.faults:
        start = messages[fault.message].text.index(fault.quote)
        spans.append(KeySpan(fault.message, start, start + len(fault.quote), fault.criterion))
    return ChatKey(tuple(sorted(spans)), dict(question.verdicts), question.score)


def live_key(auditor: Auditor, question: JudgeChat) -> ChatKey:
    """The key by a rubric: every finding in an agent's words, and the outcomes of the criteria the question asks about.

    A criterion that does not apply, or is unscored, has no verdict: a question that asks about it is stale.
    """
    card = auditor.audit_one(question.conversation)
    if question.task == "mark":
        return ChatKey(spans=_spans(card, question))
    if question.task != "score":
        return ChatKey()
    verdicts: dict[str, Verdict] = {
        one.id: one.outcome for one in card.criteria if one.id in question.verdicts and one.outcome in ("pass", "fail")
    }
    return ChatKey(verdicts=verdicts, score=card.score)


def _spans(card: Scorecard, question: JudgeChat) -> tuple[KeySpan, ...]:
    messages = question.conversation.messages
    return tuple(
        sorted(
            KeySpan(finding.message, finding.start, finding.end, criterion.id)
            for criterion in card.criteria
            for finding in criterion.findings
            if messages[finding.message].role == "agent"
        )
    )


def staleness(auditor: Auditor, question: JudgeChat) -> Iterator[Saying]:
    """Where the written key differs from the rubric, a sentence each; nothing where it is fresh.

    For *better*: the right reply must leave no finding behind that the others lack, and no other may be judged better.
    """
    if question.task == "better":
        yield from _better(auditor, question)
        return
    written, live = written_key(question), live_key(auditor, question)
    for span in live.spans:
        if span not in written.spans:
            words = question.conversation.messages[span.message].text[span.start : span.end]
            yield say(
                "the rubric also finds {words!r} in message {number} ({criterion})",
                words=words,
                number=span.message,
                criterion=span.criterion,
            )
    for span in written.spans:
        if span not in live.spans:
            words = question.conversation.messages[span.message].text[span.start : span.end]
            yield say(
                "the rubric does not find {words!r} in message {number} ({criterion})",
                words=words,
                number=span.message,
                criterion=span.criterion,
            )
    for criterion, verdict in written.verdicts.items():
        if live.verdicts.get(criterion) != verdict:
            said = live.verdicts.get(criterion) or say("neither pass nor fail")
            yield say(
                "{criterion} is {said} by the rubric, not {verdict}", criterion=criterion, said=said, verdict=verdict
            )
    if written.score != live.score:
        yield say("the rubric gives {live}, not {written}", live=live.score, written=written.score)


def _better(auditor: Auditor, question: JudgeChat) -> Iterator[Saying]:
    """Each reply in turn is put at the end of the chat and audited."""
    cards = {}
    for option in question.options:
        chat = f"{question.chat.rstrip()}\nagent {option.text.zh}"
        cards[option.id] = auditor.audit_one(parse_conversation(chat, id=question.id))
    faults = {id: sum(len(one.findings) for one in card.criteria) for id, card in cards.items()}
    [right] = question.answer
    for id, count in faults.items():
        if id != right and count <= faults[right]:
            yield say(
                "reply {id} has {count} findings, the better one ({right}) {least}",
                id=id,
                count=count,
                right=right,
                least=faults[right],
            )
