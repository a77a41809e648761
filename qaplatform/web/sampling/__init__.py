"""Sampling in the browser: plans, what they drew, and whose work it is."""

from qaplatform.web.sampling import acting, exporting, planning
from qaplatform.web.sampling.showing import samples

__all__ = ["acting", "exporting", "planning", "samples"]
