"""The server itself: processes, the front door that every request passes, limits, codings, log."""
