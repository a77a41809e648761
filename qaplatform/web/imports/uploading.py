"""Sending files: they are written while they come, and wait as drafts until their columns are confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, StringField, SubmitField

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.formats.inputs import SUFFIXES
from qaplatform.services import imports as service
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.imports import Place
from qaplatform.services.intake import Upload, upload_of
from qaplatform.services.shops import shop_choices
from qaplatform.services.uploads import UploadPart, remove, shown_name
from qaplatform.store.faults import StoreAwayError, StoreFaultError
from qaplatform.store.import_list import drafts_of
from qaplatform.store.shops import ShopChoice
from qaplatform.web.access import permitted
from qaplatform.web.current import current_settings, current_store, current_viewer
from qaplatform.web.forms import Form, at_most, set_error, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.imports import imports
from qaplatform.web.security import takes_files
from qaplatform.web.sentences import sentence_of

MOST_FILES = 50
EACH, EACH_NEW, NEW = "each", "each-new", "new"
"""Choices beside the shops: each conversation names its own; those that are not there are set up; a new shop."""


_NEW_SHOP = {
    "shops.code_form": lazy("请填写店铺名称，最多 100 个字符。"),
    "shops.name_form": lazy("请填写店铺名称，最多 100 个字符。"),
    "shops.code_taken": lazy("已有这个名称的店铺，请直接选择它。"),
}
"""What is wrong with the name of a new shop; it becomes the shop's code as well."""


class UploadForm(Form):
    """Files, and the shop their conversations belong to."""

    files = MultipleFileField(lazy("会话文件"), render_kw={"accept": ",".join((*SUFFIXES, ".gz"))})
    shop = SelectField(lazy("这些会话属于哪个店铺"), validate_choice=False)
    new_shop = StringField(lazy("新店铺的名称"), [at_most(200)], filters=[stripped])
    submit = SubmitField(lazy("上传，下一步核对"))


def place_choices(viewer: Viewer, shops: Sequence[ShopChoice], *, with_new: bool = False) -> list[tuple[str, str]]:
    """Where conversations may go, for this viewer."""
    choices = [(str(one.id), one.name) for one in shops if one.active]
    if viewer.scope("imports.make").everything or len(choices) > 1:
        choices.append((EACH, _("按文件中的店铺列分配")))
    if viewer.may("shops.manage"):
        choices.append((EACH_NEW, _("按文件中的店铺列分配，没有的店铺自动新建")))
        if with_new:
            choices.append((NEW, _("新建一个店铺")))
    return choices


def place_of(chosen: str) -> Place | None:
    """A choice as a place; ``None`` if it is none."""
    if chosen in {EACH, EACH_NEW}:
        return Place(create_shops=chosen == EACH_NEW)
    return Place(int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None


def choice_of(place: Place) -> str:
    """The other way round."""
    return str(place.shop_id) if place.shop_id is not None else EACH_NEW if place.create_shops else EACH


@imports.get("/new")
@permitted("imports.make")
def create() -> str:
    """The form."""
    return _page(UploadForm())


@imports.post("/new")
@takes_files
@permitted("imports.make")
def upload() -> ResponseReturnValue:
    """Keep the files, and go on to say how the first of them is to be read."""
    form = UploadForm()
    sent = [one for one in form.files.data or () if isinstance(one, FileStorage) and one.filename]
    if not form.validate() or not _has_good_files(form, sent):
        return _page(form), 400
    try:
        import_id = _take(form, sent)
    except QAPlatformError as error:
        if not hasattr(error, "code") or isinstance(error, (AccessError, StoreFaultError)):
            raise
        if form.shop.data == NEW:
            set_error(form.new_shop, str(_NEW_SHOP.get(error.code) or sentence_of(error)))
        else:
            set_error(form.shop, sentence_of(error))
        return _page(form), 400
    there = url_for("imports.mapping", import_id=import_id)
    # A script that shows how far the upload is goes there itself.
    is_scripted = request.headers.get("X-Requested-With") == "upload"
    return (
        Response(status=204, headers={"Location": there}, mimetype="text/plain")
        if is_scripted
        else redirect(there, 303)
    )


def _take(form: UploadForm, sent: Sequence[FileStorage]) -> int:
    """Keep the files as drafts; the first one's id. Whatever goes wrong, no file is left without a draft."""
    viewer, folder, now = current_viewer(), current_settings().data_folder, clock.now()
    kept: list[Upload] = []
    try:
        kept.extend(_kept(one) for one in sent)
        with current_store().writing() as session:
            place = service.made_place(
                session, _place(form), by=viewer, now=now, data_folder=folder, timezone=current_settings().timezone
            )
            made = [service.new_draft(session, one, place, by=viewer, now=now) for one in kept]
            strays = service.strays(session, folder, now=now)
    except StoreAwayError:
        # Nobody knows whether the drafts are there: the files stay, and are strays if they are not.
        raise
    except BaseException:
        remove([one.path for one in kept])
        raise
    remove(strays)
    return made[0]


def _place(form: UploadForm) -> Place:
    if form.shop.data == NEW:
        return Place(new_shop=form.new_shop.data or "")
    place = place_of(form.shop.data or "")
    if place is None:
        raise service.ImportPlaceError
    return place


def _has_good_files(form: UploadForm, sent: Sequence[FileStorage]) -> bool:
    if not sent:
        set_error(form.files, _("请选择要上传的文件。"))
    elif len(sent) > MOST_FILES:
        set_error(form.files, _("一次最多上传 %(count)s 个文件。", count=MOST_FILES))
    for one in sent:
        if not one.stream.seek(0, 2):
            set_error(form.files, _("“%(name)s”是空文件。", name=shown_name(one.filename)))
    return not form.files.errors


def _kept(sent: FileStorage) -> Upload:
    name = shown_name(sent.filename)
    if not isinstance(sent.stream, UploadPart):
        raise TypeError("files must be sent to a view that takes files")
    return upload_of(sent.stream.keep(name), name)


def _page(form: UploadForm) -> str:
    viewer = current_viewer()
    with current_store().reading() as session:
        shops = shop_choices(session, viewer, "imports.make")
        drafts = drafts_of(session, viewer.user_id)
    form.shop.choices = place_choices(viewer, shops, with_new=True)
    if not shops and form.shop.data is None and viewer.may("shops.manage"):
        # Most first files are of one shop and don't name it.
        form.shop.data = NEW
    return render_template(
        "imports/create.html",
        form=form,
        drafts=drafts,
        is_first=not shops,
        may_make_shops=viewer.may("shops.manage"),
        new_choice=NEW,
        limit_bytes=current_settings().upload_limit_bytes,
        most_files=MOST_FILES,
    )
