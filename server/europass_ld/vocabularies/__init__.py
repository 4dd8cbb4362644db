"""Code lists: which codes a document may use, what they are called and how they hang together.

`load_code_lists` gives the lists that ship in `data/vocabularies`, `import_vocabulary` brings in
newer or further ones.
"""

from .code_lists import SCHEMA_VERSIONS, CodeLists, load_code_lists
from .imports import import_vocabulary, imported_lists
from .model import CodeList, Concept, ImportedList

__all__ = [
    "SCHEMA_VERSIONS",
    "CodeList",
    "CodeLists",
    "Concept",
    "ImportedList",
    "import_vocabulary",
    "imported_lists",
    "load_code_lists",
]
