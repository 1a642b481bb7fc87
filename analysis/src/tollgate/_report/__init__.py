"""The report: one page that answers, shows, and says on what it rests."""

from tollgate._report._page import report

__all__ = ["report"]
