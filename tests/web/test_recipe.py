"""The recipe for a page in CONTRIBUTING.md works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from flask import Flask
from jinja2 import DictLoader

from qaplatform.web.access import check_routes
from tests.web.conftest import SignIn


def test_the_recipes_page_is_sound_and_guarded(own_app: Flask, signed_in: SignIn, repository: Path) -> None:
    recipe = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Recipe: a page\n")[2]
    view, template = re.findall(r"^```(?:python|html)\n(.*?)^```$", recipe, re.MULTILINE | re.DOTALL)[:2]
    module = ModuleType("users")
    exec(compile(view, "users", "exec"), module.__dict__)  # noqa: S102 - a block of our own document
    # The real users have the name and the address.
    own_app.register_blueprint(module.users, name="recipe", url_prefix="/recipe")
    check_routes(own_app)
    loader = own_app.jinja_env.loader
    assert loader is not None
    written = DictLoader({"users/index.html": template})

    class Both(DictLoader):
        def get_source(self, environment, template):
            return (written if template in written.mapping else loader).get_source(environment, template)

    own_app.jinja_env.loader = Both({})
    client = signed_in("admin")
    page = client.get("/recipe").text
    assert "沈知远" in page
    assert "共 9 条" in page
    assert "沈知远" not in client.get("/recipe?q=agent").text.partition("<main")[2]
    assert "没有符合条件的用户" in client.get("/recipe?q=nobody").text
    assert signed_in("lead").get("/recipe").status_code == 403
