"""Linked data over HTTP: negotiated resources, pages for people, SPARQL."""

from .app import create_app
from .server import serve

__all__ = ["create_app", "serve"]
