"""What a plan drew as a file, one row a chat, without anybody's words."""

from __future__ import annotations

from datetime import datetime

from flask import request
from werkzeug.wrappers import Response

from qaplatform import clock
from qaplatform.formats.writing.rows import Column
from qaplatform.services.conversation_lines import MOST_EXPORTED, note_export
from qaplatform.services.sampling_pages import sample_page
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _, language
from qaplatform.web.list_files import form_of, sent, written
from qaplatform.web.sampling import words
from qaplatform.web.sampling.showing import STATES, samples
from qaplatform.web.sentences import VERDICTS
from qaplatform.web.submitting import missing_is_404


@samples.post("/<int:id>/export/<form>")
@permitted("samples.see")
def export(id: int, form: str) -> Response:
    """The items of a draw."""
    kind, viewer, now = form_of(form), current_viewer(), clock.now()
    asked = request.args.get("state")
    state = asked if asked in STATES else None
    vocabulary = Vocabulary(language())
    with missing_is_404(), current_store().reading() as session:
        shown = sample_page(session, viewer, id, state=state, now=now, page=1, page_size=MOST_EXPORTED)
    columns = (
        Column(_("会话"), "number", 9), Column(_("开始时间"), "text", 17), Column(_("店铺"), "text", 20),
        Column(_("客服"), "text", 12), Column(_("问题分类"), "text", 12), Column(_("为什么抽到"), "text", 40),
        Column(_("结论"), "text", 10), Column(_("得分"), "number", 8), Column(_("质检员"), "text", 12),
        Column(_("期限"), "text", 17), Column(_("状态"), "text", 10), Column(_("完成"), "text", 17),
    )  # fmt: skip
    rows = (
        [
            one.conversation_id, _when(one.started_at), one.shop_name, one.agent_name, vocabulary.topic(one.topic),
            words.why_text(one.why), str(VERDICTS[one.verdict]) if one.verdict else None, one.score, one.user_name,
            _when(one.due_at), str(words.ITEM_STATES[one.state]), _when(one.done_at),
        ]
        for one in shown.lines
    )  # fmt: skip
    file, count = written(kind, _("抽到的会话"), columns, rows)
    with current_store().writing() as session:
        note_export(session, viewer, count=count, form=kind, now=now, of="sample")
    return sent(kind, file, f"sample-{id}", now=now)


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(zone()):%Y-%m-%d %H:%M}"
