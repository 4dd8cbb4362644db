"""From words and identifiers to records: search, resolving, reconciliation; their one index."""
