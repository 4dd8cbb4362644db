"""The endpoint: queries now and on past states, the graph store, examples, snippets, citations."""
