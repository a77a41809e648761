"""The filtered list as a file: CSV or a spreadsheet, masked, with a line in the activity log."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.wrappers import Response

from qaplatform import clock
from qaplatform.formats.writing.rows import Column, Value
from qaplatform.services.conversation_lines import EXPORT, Line, exported_lines, note_export
from qaplatform.web import sentences
from qaplatform.web.access import permitted
from qaplatform.web.conversations import conversations
from qaplatform.web.conversations import vocabulary as words
from qaplatform.web.conversations.filters import Given
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _, language
from qaplatform.web.list_files import form_of, sent, written

_WORDS_CHARS = 200


@conversations.post("/export/<form>")
@permitted(EXPORT)
def export(form: str) -> Response:
    """The conversations of the filters in the address."""
    kind = form_of(form)
    given = Given.read(request.query_string.decode(errors="replace"), zone())
    viewer, now = current_viewer(), clock.now()
    vocabulary = Vocabulary(language())
    with current_store().reading() as session:
        lines = exported_lines(session, viewer, given.wanted, order=given.order, language=language())
        file, count = written(kind, _("会话"), _columns(), (_row(one, vocabulary) for one in lines))
    with current_store().writing() as session:
        note_export(session, viewer, count=count, form=kind, now=now)
    return sent(kind, file, "conversations", now=now)


def _columns() -> Sequence[Column]:
    return (
        Column(_("编号"), "number", 9),
        Column(_("开始时间"), "text", 17),
        Column(_("店铺"), "text", 20),
        Column(_("平台"), "text", 10),
        Column(_("渠道"), "text", 10),
        Column(_("队列"), "text", 10),
        Column(_("客服"), "text", 12),
        Column(_("团队"), "text", 12),
        Column(_("客户"), "text", 12),
        Column(_("客户等级"), "text", 10),
        Column(_("订单金额"), "number", 11),
        Column(_("订单号"), "text", 22),
        Column(_("满意度"), "number", 8),
        Column(_("消息数"), "number", 8),
        Column(_("问题分类"), "text", 12),
        Column(_("结论"), "text", 10),
        Column(_("得分"), "number", 8),
        Column(_("已评分占比"), "ratio", 11),
        Column(_("不满风险"), "ratio", 10),
        Column(_("优先级"), "ratio", 10),
        Column(_("未通过项"), "text", 36),
        Column(_("标签"), "text", 20),
        Column(_("客户最初的话"), "text", 60),
    )


def _row(line: Line, vocabulary: Vocabulary) -> list[Value]:
    row = line.row
    comma = _("、")
    started = row.started_at.astimezone(ZoneInfo(row.timezone))
    return [
        row.id,
        f"{started:%Y-%m-%d %H:%M}",
        row.shop,
        words.source(row.source),
        words.channel(row.channel),
        words.queue(row.queue),
        row.agent or row.account,
        row.team,
        row.customer,
        words.tier(row.tier),
        line.order_value,
        row.order_id,
        row.csat,
        row.message_count,
        vocabulary.topic(row.topic),
        _("盲评中") if line.is_blind else str(sentences.VERDICTS[row.verdict]) if row.verdict else None,
        row.score,
        row.scored_share,
        row.risk,
        row.priority,
        comma.join(vocabulary.criterion(one) for one in vocabulary.in_order(line.failed)),
        comma.join(map(str, row.tags)),
        line.words.text[:_WORDS_CHARS] if line.words else None,
    ]
