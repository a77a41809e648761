"""Trying a drill as a new hire would answer it: nothing is kept, the page itself carries when it was shown."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import drill_examples as trials
from qaplatform.services.training.drill_library import EDIT
from qaplatform.services.training.drill_shown import EmptyAnswerError, LongAnswerError
from qaplatform.training.drills import Language
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store
from qaplatform.web.forms import set_error
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.drill_library import drill_library
from qaplatform.web.training.drill_library.listing import drill_page, seen_now
from qaplatform.web.training.drill_words import result_of
from qaplatform.web.training.drills import AnswerForm

_MOST_SECONDS = 3600


@drill_library.get("/<code>/try")
@permitted(EDIT)
def try_out(code: str) -> ResponseReturnValue:
    """The situation, with its clock; ``language`` in the address is ``zh`` or ``en``."""
    return _page(code, AnswerForm(formdata=None))


@drill_library.post("/<code>/try")
@permitted(EDIT)
def answer(code: str) -> ResponseReturnValue:
    """What an answer would be worth."""
    form = AnswerForm()
    return _page(code, form, form.text.data or "")


def _page(code: str, form: AnswerForm, text: str | None = None) -> ResponseReturnValue:
    seen, now = seen_now(code), clock.now()
    began = request.form.get("began", now.timestamp(), type=float)
    seconds = round(max(0.0, min(float(_MOST_SECONDS), now.timestamp() - began)))
    name: Language = "en" if request.args.get("language") == "en" else "zh"
    tried, status = None, 200
    if seen.drill is not None:
        with current_store().reading() as session:
            tried = trials.offered(session, seen.drill, name, seconds=seconds)
            if text is not None:
                try:
                    tried = trials.tried(session, seen.drill, name, text, seconds=seconds, now=now)
                except (EmptyAnswerError, LongAnswerError) as error:
                    set_error(form.text, sentence_of(error))
                    status = 400
    page = drill_page(
        "try",
        seen,
        tried=tried,
        result=result_of(tried) if tried is not None else None,
        form=form,
        began=began,
        language_code=name,
    )
    return page, status
