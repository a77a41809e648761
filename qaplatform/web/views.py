"""All blueprints of the workplace. A new page's blueprint is added here, and nowhere else."""

from __future__ import annotations

from flask import Flask

from qaplatform.web import health, home, language, me, signing_in, starting, styleguide

BLUEPRINTS = (health.health, home.home, language.language, me.me, signing_in.signing_in, starting.starting)
FOR_DEVELOPERS = (styleguide.styleguide,)


def register(app: Flask, *, developing: bool) -> None:
    """Register them."""
    for blueprint in (*BLUEPRINTS, *(FOR_DEVELOPERS if developing else ())):
        app.register_blueprint(blueprint)
