"""The HTML report: one file with everything in it, no network, no dependence on scripts to be read."""

from qaplatform.formats.writing.report.page import Rejection, write_html

__all__ = ["Rejection", "write_html"]
