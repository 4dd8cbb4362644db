"""Credentials over HTTP: verifying anybody's, showing kept ones to their owner."""
