"""Background jobs: what is going on, what waits, what failed; cancelling and trying again."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import imports
from qaplatform.services import jobs as service
from qaplatform.services.jobs import BY_ITSELF, JobNotFoundError
from qaplatform.services.masking import masked_name
from qaplatform.store.faults import StoreFaultError
from qaplatform.store.import_list import file_names
from qaplatform.store.jobs import ENDED, JobFilter, JobState, count_by_state
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.numbers import number_in
from qaplatform.web.sentences import sentence_of, sentence_of_failed

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")

PAGE_SIZE = 30
KINDS: Mapping[str, LazyText] = {
    "import": lazy("导入会话"),
    "reaudit": lazy("重新质检"),
    "rubrics.replay": lazy("回放质检标准草稿"),
    "grader.ask": lazy("请模型回答一个会话的判断题"),
    "grader.run": lazy("请模型批量回答判断题"),
    "settle": lazy("补评已结束的会话"),
    "figures": lazy("更新看板数据"),
    "watch": lazy("查看监听文件夹"),
    "uploads": lazy("清理上传的文件"),
    "tidy": lazy("清理过期记录"),
    "samples.draw": lazy("按计划抽检"),
    "conversations.purge": lazy("清除超过保留期限的原文"),
    "customers.erase": lazy("删除客户的全部文字"),
    "risk.due": lazy("查看哪些风险模型该更新"),
    "risk.train": lazy("训练风险模型"),
    "risk.apply": lazy("按风险模型更新优先级"),
    "grader.trust": lazy("核对语言模型的可信度"),
    "exams.end": lazy("结束到时的模拟考核"),
    "exams.wording": lazy("模拟客户组织语言"),
    "papers": lazy("结束到时的理论测验"),
}
"""What kinds of jobs are, in words."""
IN_BYTES = frozenset({"import"})
"""Kinds whose progress is counted in bytes of a file."""
NOTES: Mapping[str, LazyText] = {"import": lazy("已处理的会话"), "reaudit": lazy("重新质检的会话")}
"""What the note of a job says."""
TABS: Mapping[str, frozenset[JobState]] = {
    "": frozenset(),
    "waiting": frozenset({"waiting"}),
    "running": frozenset({"running"}),
    "failed": frozenset({"failed"}),
    "done": frozenset({"done"}),
    "cancelled": frozenset({"cancelled"}),
}


@jobs.get("")
@permitted("jobs.see")
def index() -> str:
    """The list; the part of it that changes renews itself while something is going on."""
    viewer, tab = current_viewer(), request.args.get("state", "")
    tab = tab if tab in TABS else ""
    with_all = "all" in request.args or tab == "failed"
    wanted = JobFilter(states=TABS[tab], but_kinds=frozenset() if with_all else BY_ITSELF)
    with current_store().reading() as session:
        page = service.listed(
            session, wanted, now=clock.now(), before_id=number_in(request.args, "before"), limit=PAGE_SIZE
        )
        counts = count_by_state(session, JobFilter(but_kinds=wanted.but_kinds))
        failed = counts if with_all else count_by_state(session, JobFilter(states=TABS["failed"]))
        files = file_names(session, imports.reach_of(viewer), {job.import_id for job in page.jobs if job.import_id})
    template = "jobs/_list.html" if "HX-Request" in request.headers else "jobs/index.html"
    return render_template(
        template,
        page=page,
        tab=tab,
        tabs={name: (failed if name == "failed" else counts).get(name, 0) if name else None for name in TABS},
        with_all="all" in request.args,
        files={id: masked_name(name.rpartition("/")[2], language()) for id, name in files.items()},
        is_live=any(job.state not in ENDED for job in page.jobs),
        may_steer=viewer.may("jobs.steer"),
        **_words(),
    )


@jobs.get("/<int:job_id>")
@permitted("jobs.see")
def show(job_id: int) -> str:
    """One job."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        try:
            one = service.one(session, job_id, now=now)
        except JobNotFoundError:
            abort(404)
    template = "jobs/_one.html" if "HX-Request" in request.headers else "jobs/show.html"
    return render_template(
        template,
        one=one,
        import_id=one.import_id if viewer.may("imports.see") else None,
        run_id=one.run_id if viewer.may("grader.see") else None,
        is_live=one.state not in ENDED,
        may_steer=viewer.may("jobs.steer"),
        now=now,
        **_words(),
    )


@jobs.post("/<int:job_id>/cancel")
@permitted("jobs.steer")
def cancel(job_id: int) -> ResponseReturnValue:
    """End a job that waits, or ask one that is going on to stop."""
    return _steered(job_id, is_retry=False)


@jobs.post("/<int:job_id>/retry")
@permitted("jobs.steer")
def retry(job_id: int) -> ResponseReturnValue:
    """Let a job that failed or was cancelled wait again."""
    return _steered(job_id, is_retry=True)


def _steered(job_id: int, *, is_retry: bool) -> ResponseReturnValue:
    viewer, now = current_viewer(), clock.now()
    act = service.retry if is_retry else service.cancel
    try:
        with current_store().writing() as session:
            job = act(session, job_id, now=now, user_id=viewer.user_id)
            imports.follow(session, job, now=now)
    except JobNotFoundError:
        abort(404)
    except QAPlatformError as error:
        if not hasattr(error, "code") or isinstance(error, StoreFaultError):
            raise
        flash(sentence_of(error), "error")
    else:
        flash(_("任务已重新排队。") if is_retry else _("任务已取消，或会在下一步停止。"), "success")
    return redirect(url_for("jobs.show", job_id=job_id), 303)


def _words() -> dict[str, object]:
    return {"kinds": KINDS, "in_bytes": IN_BYTES, "notes": NOTES, "sentence_of_failed": sentence_of_failed}
