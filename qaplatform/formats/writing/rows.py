"""One conversation as a row, one finding as a row, one agent as a row: what CSV and XLSX share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import CriterionResult, Scorecard
from qaplatform.audit.summary import Summary, agents_of
from qaplatform.audit.tallies import wilson
from qaplatform.formats.writing.wording import Wording

Value = str | float | int | None
Form = Literal["text", "number", "ratio"]


class Column(NamedTuple):
    """A column's title, its form and its width in Latin characters."""

    title: str
    form: Form
    width: int


def _columns(wording: Wording, spec: str) -> list[Column]:
    """``key form width`` a line; the title is the word ``col_<key>``."""
    forms: dict[str, Form] = {"t": "text", "n": "number", "r": "ratio"}
    rows = (line.split() for line in spec.strip().splitlines())
    return [Column(wording.chrome["col_" + key], forms[form], int(width)) for key, form, width in rows]


def conversation_columns(wording: Wording) -> list[Column]:
    """The columns of :func:`conversation_row`: two a criterion, its outcome and its points, at the end."""
    columns = _columns(
        wording,
        """
        id t 24
        score n 8
        verdict t 10
        failed_criteria t 34
        priority r 10
        risk r 10
        reasons t 30
        scored_share r 11
        started_at t 17
        shop t 16
        source t 10
        channel t 10
        queue t 12
        language t 7
        agents t 18
        messages n 8
        topic t 22
        closed t 14
        customer t 18
        tier t 10
        order_value n 11
        order_id t 22
        case_id t 18
        csat n 8
        rubric t 34
        """,
    )
    for name in wording.criteria:
        title = wording.title(name)
        columns.append(Column(title, "text", 12))
        columns.append(Column(wording.chrome.say("col_points", title=title), "number", 12))
    return columns


def started_at(conversation: Conversation, wording: Wording) -> str:
    """Local time of the first message that has one, or ``""``."""
    return next((wording.moment(m.sent_at) for m in conversation.messages if m.sent_at), "")


def conversation_row(conversation: Conversation, card: Scorecard, wording: Wording) -> list[Value]:
    """The conversation's values in the order of :func:`conversation_columns`; unknown is ``None`` or ``""``."""
    customer, seen, comma = conversation.customer, card.observations, wording.chrome["list_comma"]
    failed = sorted((r.id for r in card.criteria if r.outcome == "fail"), key=wording.place)
    row: list[Value] = [
        conversation.id,
        card.score,
        wording.chrome["verdict_" + card.verdict],
        comma.join(wording.title(name) for name in failed),
        card.priority,
        card.risk,
        comma.join(wording.reason(reason) for reason in card.reasons),
        card.scored_share,
        started_at(conversation, wording),
        conversation.shop,
        conversation.source,
        conversation.channel,
        conversation.queue,
        conversation.language,
        comma.join(wording.agent(agent) for agent in agents_of(conversation)),
        len(conversation.messages),
        wording.topic_path(seen.topic),
        wording.chrome["closed_" + seen.closed],
        customer.id if customer else None,
        customer.tier if customer else None,
        customer.order_value if customer else None,
        conversation.order_id,
        conversation.case_id,
        conversation.csat,
        card.rubric,
    ]
    results = {result.id: result for result in card.criteria}
    for name in wording.criteria:
        row.extend(_outcome(results.get(name), wording))
    return row


def _outcome(result: CriterionResult | None, wording: Wording) -> tuple[Value, Value]:
    if result is None:
        return None, None
    scored = result.outcome in ("pass", "fail")
    return wording.outcome(result), result.points if scored else None


def finding_columns(wording: Wording) -> list[Column]:
    """The columns of :func:`finding_rows`."""
    return _columns(
        wording,
        """
        id t 24
        criterion t 16
        outcome t 8
        message_number n 9
        sent_at t 17
        agent t 12
        team t 12
        quote t 44
        wording t 48
        better t 48
        agent_id t 14
        criterion_id t 18
        code t 18
        """,
    )


def finding_rows(conversation: Conversation, card: Scorecard, wording: Wording) -> Iterator[list[Value]]:
    """A row a finding; a failed criterion without findings gets a row without a message."""
    for result in card.criteria:
        head: list[Value] = [conversation.id, wording.title(result.id), wording.outcome(result)]
        better = wording.better(result.id)
        if result.outcome == "fail" and not result.findings:
            who: list[Value] = [wording.agent(result.agent) if result.agent else None, wording.team(result.agent)]
            yield [
                *head,
                None,
                None,
                *who,
                None,
                wording.reason(result.reason or ""),
                better,
                result.agent,
                result.id,
                None,
            ]
        for finding in result.findings:
            agent = finding.agent if isinstance(finding.agent, str) else result.agent
            number = finding.message
            sent = conversation.messages[number].sent_at if 0 <= number < len(conversation.messages) else None
            yield [
                *head,
                number,
                wording.moment(sent) if sent else None,
                wording.agent(agent) if agent else None,
                wording.team(agent),
                finding.quote,
                wording.sentence(result.id, finding),
                better,
                agent,
                result.id,
                finding.code,
            ]


def agent_columns(wording: Wording) -> list[Column]:
    """The columns of :func:`agent_rows`: one a criterion, its failure rate, at the end."""
    columns = _columns(
        wording,
        """
        agent t 14
        agent_id t 14
        team t 14
        took_part n 10
        led n 10
        mean_score n 10
        pass_rate r 10
        pass_low r 11
        pass_high r 11
        critical_count n 10
        median_reply n 14
        p90_reply n 14
        """,
    )
    for name in wording.criteria:
        columns.append(Column(wording.chrome.say("col_fail_rate", title=wording.title(name)), "ratio", 14))
    return columns


def agent_rows(summary: Summary, wording: Wording, enough: int) -> Iterator[list[Value]]:
    """A row an agent, most conversations first; averages only from ``enough`` led conversations on."""
    few = wording.chrome["not_enough"]
    for name, tally in sorted(summary.agents.items(), key=lambda item: (-item[1].took_part, item[0])):
        led = tally.led
        sure = led.judged >= enough
        interval = wilson(led.passed, led.judged) if sure else None
        row: list[Value] = [
            wording.agent(name),
            name,
            wording.team(name),
            tally.took_part,
            led.conversations,
            few if not sure or led.mean is None else round(led.mean, 1),
            few if interval is None else led.passed / led.judged,
            interval.low if interval else None,
            interval.high if interval else None,
            led.verdicts["critical"],
            tally.gaps.quantile(0.5),
            tally.gaps.quantile(0.9),
        ]
        for criterion in wording.criteria:
            applicable = tally.applicable[criterion]
            row.append(tally.failed[criterion] / applicable if applicable else None)
        yield row
