"""The least that an answer costs: our web server with its settings, and a constant to send."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from europass_ld.config import Settings
from europass_ld.publish.serving.server import gunicorn_options

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ANSWER = b"a bare answer\n"


class Floor(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Listens on a port of loopback with two workers."""

    def __init__(self, port: int):
        self._options: dict[str, Any] = gunicorn_options(Settings(), "127.0.0.1", port, 2)
        super().__init__()

    def load_config(self) -> None:
        """Take over the settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """Return the application."""
        return _constant


def _constant(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    del environ
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "14")])
    return (_ANSWER,)


if __name__ == "__main__":
    Floor(int(sys.argv[1])).run()
