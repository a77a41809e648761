"""From the demo to one's own workplace: what happens is said first, and the password is shown once."""

from __future__ import annotations

from pathlib import Path

import pytest

from qaplatform.services.workplaces import Workplace
from tests.web.conftest import SignIn
