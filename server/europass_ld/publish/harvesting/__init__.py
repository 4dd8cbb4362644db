"""What aggregators fetch: dumps, event streams, OAI-PMH, over HTTP."""
