"""Linked data over HTTP: negotiated resources, pages for people, SPARQL."""

from .app import create_app
from .serving.server import serve

__all__ = ["create_app", "serve"]
