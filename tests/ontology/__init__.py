"""Tests of the ontology: terms, alignments, the alias of 3.3 and the JSON-LD context."""
