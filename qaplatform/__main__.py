"""``python -m qaplatform``: the same as the command ``qaplatform``."""

from __future__ import annotations

from qaplatform.cli import main

main(prog_name="qaplatform")
