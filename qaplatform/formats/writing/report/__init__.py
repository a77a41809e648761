"""The HTML report: one file with everything in it, no network, no dependence on scripts to be read."""

from qaplatform.formats.writing.report.page import write_html, write_summary

__all__ = ["write_html", "write_summary"]
