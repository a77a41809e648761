"""What is said after somebody asked for many conversations to be audited anew, and where they go then."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from qaplatform.services.reauditing import Asked
from qaplatform.web.current import current_viewer
from qaplatform.web.i18n import _, plural


def to_job(asked: Asked | None, back: str) -> Response:
    """To the job, if they may see it, else back."""
    if asked is None:
        flash(_("没有可以重新质检的会话。"), "warning")
        return redirect(back, 303)
    flash(plural("已提交重新质检，共 %(num)s 通会话；没有变化的会跳过，原结果会保留。", asked.count), "success")
    return redirect(url_for("jobs.show", job_id=asked.job_id) if current_viewer().may("jobs.see") else back, 303)
