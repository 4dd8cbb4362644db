"""What aggregators harvest: views of the record log, as files and feeds.

No Flask here: `publish` sends what this package makes. See README.md.
"""

from .dumps import drop_dumps, find_dump, make_dump, make_latest_dumps

__all__ = ["drop_dumps", "find_dump", "make_dump", "make_latest_dumps"]
