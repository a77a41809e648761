"""Why one conversation got its score: the transcript, then every criterion with its words, limits and gates."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qaplatform.audit.audited import Audited
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import CriterionResult, Finding, Observations, Scorecard
from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion
from qaplatform.formats.writing import Language, Wording

_WORDS: dict[str, Words] = {
    "score": Words("得分", "score"),
    "none": Words("无", "none"),
    "share": Words("已评分占比", "scored share"),
    "risk": Words("不满风险", "risk"),
    "priority": Words("复核优先级", "priority"),
    "because": Words("原因", "because"),
    "arithmetic": Words(
        "{earned:g} ÷ {possible:g} × 100 = {score:g}(只计合格与扣分的项,不适用和未评分的项不进分母)",
        "{earned:g} ÷ {possible:g} × 100 = {score:g} (criteria that don't apply or are unscored stay out)",
    ),
    "deducted": Words("另扣 {points:g} 分", "less {points:g} in deductions"),
    "chat": Words("会话", "Conversation"),
    "criteria": Words("逐项说明", "Criterion by criterion"),
    "observed": Words("系统看到的", "What was observed"),
    "customer": Words("客户", "customer"),
    "bot": Words("机器人", "bot"),
    "system": Words("系统", "system"),
    "auto": Words("自动回复", "automatic"),
    "note": Words("内部备注", "note"),
    "message": Words("第 {number} 条", "message {number}"),
    "found_by": Words("命中词组", "phrase groups"),
    "limits": Words("依据", "settings"),
    "gate": Words("适用条件", "applies when"),
    "why": Words("原因", "reason"),
    "better": Words("建议话术", "better"),
}


def explained(auditor: Auditor, conversation: Conversation, language: Language) -> str:
    """The explanation as text with line breaks."""
    audited = auditor.audit([conversation])
    return "\n".join(_Explanation(audited, auditor, language).text()) + "\n"


class _Explanation:
    def __init__(self, audited: Audited, auditor: Auditor, language: Language) -> None:
        self._audited = audited
        self._card: Scorecard = audited.scorecard(0)
        self._conversation = audited.batch.conversations[0]
        self._rubric = auditor.rubric
        self._wording = Wording(auditor.rubric, auditor.context, language)
        self._language = language

    def _said(self, key: str) -> str:
        return _WORDS[key].in_language(self._language)

    def text(self) -> Iterator[str]:
        yield from self._head()
        yield f"\n── {self._said('chat')}"
        marks = self._marks()
        for number, message in enumerate(self._conversation.messages):
            yield from self._message(number, message, marks.get(number, []))
        yield f"\n── {self._said('criteria')}"
        for criterion, result in zip(self._rubric.criteria, self._card.criteria, strict=True):
            yield from self._criterion(criterion, result)
        yield f"\n── {self._said('observed')}"
        yield from self._observed(self._card.observations)

    def _head(self) -> Iterator[str]:
        card = self._card
        score = self._said("none") if card.score is None else f"{card.score:g}"
        verdict = self._wording.chrome["verdict_" + card.verdict]
        yield f"{card.id} · {card.rubric}"
        yield (
            f"{self._said('score')} {score} · {verdict} · {self._said('share')} {card.scored_share:.0%}"
            f" · {self._said('risk')} {card.risk:.2f} · {self._said('priority')} {card.priority:.2f}"
        )
        scored = [one for one in card.criteria if one.outcome in ("pass", "fail")]
        possible = sum(one.max_points for one in scored)
        if card.score is not None and possible:
            earned = sum(one.points for one in scored if one.max_points)
            arithmetic = self._said("arithmetic").format(earned=earned, possible=possible, score=card.score)
            deducted = -sum(one.points for one in scored if not one.max_points)
            yield arithmetic + (f" · {self._said('deducted').format(points=deducted)}" if deducted else "")
        if card.reasons:
            yield f"{self._said('because')}: {', '.join(self._wording.reason(code) for code in card.reasons)}"

    def _marks(self) -> dict[int, list[tuple[str, Finding]]]:
        marks: dict[int, list[tuple[str, Finding]]] = {}
        for result in self._card.criteria:
            for finding in result.findings:
                marks.setdefault(finding.message, []).append((result.id, finding))
        return marks

    def _message(self, number: int, message: Message, marks: list[tuple[str, Finding]]) -> Iterator[str]:
        clock = ""
        if message.sent_at:
            local = self._wording.local(message.sent_at)
            clock = local.strftime("%m-%d %H:%M:%S ") if local else f"{message.sent_at} "
        who = self._wording.agent(message.agent) if message.role == "agent" else self._said(message.role)
        if message.kind == "note" or message.auto:
            who += f"({self._said('note' if message.kind == 'note' else 'auto')})"
        yield f"{number:>3} {clock}{who}: {message.text}"
        for criterion, finding in marks:
            said = self._wording.sentence(criterion, finding)
            yield f"      ▲ {self._wording.title(criterion)} 「{finding.quote}」 {said}"

    def _criterion(self, criterion: Criterion, result: CriterionResult) -> Iterator[str]:
        outcome = self._wording.outcome(result)
        points = f"{result.points:g}/{result.max_points:g}" if result.max_points else f"{result.points:g}"
        shown = points if result.outcome in ("pass", "fail") else "–"
        is_critical = criterion.critical and not criterion.hint
        critical = f" · {self._wording.chrome['verdict_critical']}" if is_critical else ""
        yield f"\n{self._wording.title(criterion.id)} ({criterion.id}){critical}: {outcome} {shown}"
        if result.reason:
            yield f"    {self._said('why')}: {self._wording.reason(result.reason)} ({result.reason})"
        gate = self._gate(criterion)
        if gate:
            yield f"    {self._said('gate')}: {gate}"
        for finding in result.findings:
            where = self._said("message").format(number=finding.message)
            yield f"    {where} 「{finding.quote}」 {self._wording.sentence(criterion.id, finding)}"
            groups = self._groups(criterion, finding)
            if groups:
                yield f"      {self._said('found_by')}: {', '.join(groups)}"
        if result.outcome == "fail":
            limits = self._limits(criterion)
            if limits:
                yield f"    {self._said('limits')}: {limits}"
            if better := self._wording.better(criterion.id):
                yield f"    {self._said('better')}: {better}"

    def _gate(self, criterion: Criterion) -> str:
        parts = []
        for name in criterion.when.__struct_fields__:
            value = getattr(criterion.when, name)
            if value:
                parts.append(f"{name} = {'|'.join(value) if isinstance(value, tuple) else value}")
        return "; ".join(parts)

    def _groups(self, criterion: Criterion, finding: Finding) -> list[str]:
        """The phrase groups of the criterion's parameters that stand in the finding's words."""
        params = criterion.params
        names: list[str] = []
        for field in params.__struct_fields__ if params is not None else ():
            if field.endswith(("group", "groups")):
                value = getattr(params, field)
                names += [value] if isinstance(value, str) else list(value)
        batch = self._audited.batch
        row = int(batch.begin[0]) + finding.message
        return [
            name
            for name in dict.fromkeys(names)
            if name in self._rubric.phrases
            and any(hit.start < finding.end and finding.start < hit.end for hit in batch.spans(row, name))
        ]

    def _limits(self, criterion: Criterion) -> str:
        """The numbers the check was run with, except lists of phrase groups."""
        params = criterion.params
        shown = [
            f"{field} = {msgspec.json.encode(getattr(params, field)).decode()}"
            for field in (params.__struct_fields__ if params is not None else ())
            if not field.endswith(("group", "groups")) and isinstance(getattr(params, field), (int, float, str))
        ]
        return "; ".join(shown)

    def _observed(self, seen: Observations) -> Iterator[str]:
        for name in seen.__struct_fields__:
            value = getattr(seen, name)
            if value not in ((), None):
                yield f"    {name}: {msgspec.json.encode(value).decode()}"
