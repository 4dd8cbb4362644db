"""The command line: names, options and exit codes are a contract; the work is done elsewhere.

Exit codes: 0 done; 1 the document does not conform, or was refused or held; 2 usage,
configuration or unreadable input; 3 partly loaded.
"""

from .main import main

__all__ = ["main"]
