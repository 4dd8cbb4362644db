"""Whether documents are as they should be: structure, codes, references, shapes."""
