"""Error pages: what happened and what to do, in the reader's language; nothing of what went on inside."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.wrappers import Response

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import PERMISSIONS, ROLES, AccessError
from qaplatform.services.browsing import NotThereError
from qaplatform.store.faults import FULL, NoSpaceError, StoreError, StoreFaultError
from qaplatform.web.access import PermissionMissing
from qaplatform.web.current import current_settings
from qaplatform.web.formatting import size
from qaplatform.web.i18n import LazyText, language, lazy
from qaplatform.web.navigation import role_names
from qaplatform.web.security import expects_files
from qaplatform.web.sentences import SENTENCES

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error page says: a title, what to do, an icon."""

    title: LazyText
    advice: LazyText
    icon: str = "alert-circle"


_FAULTS: Mapping[int, Fault] = {
    400: Fault(lazy("这个请求无法处理"), lazy("请返回上一页，检查填写的内容后再试。")),
    403: Fault(lazy("没有权限"), lazy("您的账号不能进行此操作。如果工作需要，请联系管理员。"), "lock"),
    404: Fault(lazy("找不到页面"), lazy("地址可能有误，内容可能已被删除，或不在您可以查看的范围内。"), "map-search"),
    405: Fault(lazy("这个请求无法处理"), lazy("请从页面上的按钮或链接进入，不要直接打开这个地址。")),
    413: Fault(lazy("提交的内容过大"), lazy("请返回上一页，缩短填写的内容后再试。"), "file-alert"),
    429: Fault(lazy("操作过于频繁"), lazy("请稍等片刻再试。"), "clock"),
    500: Fault(lazy("服务器出错了"), lazy("这不是您的问题，您的数据没有受到影响。请稍后再试；如果一直这样，请把下面的编号告诉管理员。")),
    503: Fault(lazy("暂时无法提供服务"), lazy("请稍等片刻再试。"), "clock"),
}  # fmt: skip
_LARGE_FILE = Fault(lazy("上传的内容过大"), lazy("请拆分文件后再试。"), "file-alert")
_READ_BYTES = 1 << 20
_STALE = Fault(
    lazy("页面已失效"), lazy("页面打开的时间太长，或者您已在别处重新登录。请返回上一页，刷新后再试一次。"), "clock"
)


def set_up(app: Flask) -> None:
    """Show our own pages for all errors."""
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(AccessError, _refused)
    app.register_error_handler(NotThereError, _not_there)
    app.register_error_handler(StoreError, _store)
    app.register_error_handler(QAPlatformError, _plain)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(Exception, _unexpected)


def _stale(error: CSRFError) -> Response:
    return _page(400, _STALE, error)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None and code < 400:  # A redirect that was raised.
        return error.get_response()
    fault = _FAULTS.get(code) or _FAULTS[500 if code >= 500 else 400]
    if isinstance(error, PermissionMissing):
        return _page(code, fault, error, **_what_is_missing(error.permission))
    if code == 413 and expects_files(request.endpoint):
        return _page(code, _LARGE_FILE, error, limit=size(current_settings().upload_limit_bytes))
    return _page(code, fault, error)


def _what_is_missing(permission: str) -> dict[str, object]:
    row = PERMISSIONS.get(permission)
    if row is None:
        return {}
    roles = role_names(role for role in ROLES if role in row.roles)
    return {"missing": row.zh if language() == "zh" else row.en, "roles": roles}


def _refused(error: AccessError) -> Response:
    return _page(403, Fault(_FAULTS[403].title, SENTENCES.get(error.code, _FAULTS[403].advice), "lock"), error)


def _not_there(_error: NotThereError) -> Response:
    """What is not there, or not for whoever asks, is a page that is not there."""
    return _http(NotFound())


def _plain(error: QAPlatformError) -> Response:
    """What no view has shown beside its field: the sentence of the service, if people can do something about it."""
    said = SENTENCES.get(str(getattr(error, "code", "")))
    return _page(409, Fault(lazy("操作没有完成"), said), error) if said else _unexpected(error)


def _store(error: StoreError) -> Response:
    said = SENTENCES.get(error.code) if isinstance(error, StoreFaultError) else None
    fault = _FAULTS[503] if said is None else Fault(_FAULTS[503].title, said, "alert-triangle")
    _read_to_the_end()
    return _page(503, fault, error, number=_note_down(error))


def _read_to_the_end() -> None:
    """Take what a browser is still sending of a file: one that cannot get rid of it does not look at the answer."""
    if not request.environ.get("wsgi.input_terminated"):
        return  # Nobody can say where its end is.
    left = current_settings().upload_limit_bytes if expects_files(request.endpoint) else 0
    try:
        while left > 0 and (read := len(request.environ["wsgi.input"].read(min(_READ_BYTES, left)))):
            left -= read
    except OSError:
        return


def _system(error: OSError) -> Response:
    """The disk, where nobody has said it in other words."""
    return _store(NoSpaceError(error.strerror)) if error.errno in FULL else _unexpected(error)


def _unexpected(error: Exception) -> Response:
    if current_settings().testing:
        raise error
    return _page(500, _FAULTS[500], InternalServerError(), number=_note_down(error))


def _note_down(error: Exception) -> str:
    number = secrets.token_hex(4)
    _log.error("%s %s failed (%s)", request.method, request.path, number, exc_info=error)
    return number


def _page(code: int, fault: Fault, error: Exception, **values: object) -> Response:
    if code >= 500:
        # Whatever failed may be what the frame around the page needs: it is left out.
        g.viewer = None
    response = make_response(render_template("error.html", code=code, fault=fault, **values), code)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
    return response
