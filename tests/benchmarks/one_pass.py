"""The one pass over a document: everything that is asked of each record, and nothing kept.

Run as a module it prints how much memory that takes.
"""

import json
import sys
from pathlib import Path

from europass_ld.config import Settings
from europass_ld.documents import find_sources, read_document
from europass_ld.ingest.checks import DocumentCheck
from europass_ld.vocabularies import CodeLists, load_code_lists

from .measure import peak_memory

SETTINGS = Settings()


def one_pass(path: Path, code_lists: CodeLists) -> int:
    """Read, check, lift and digest every record; return their number.

    Raises:
        AssertionError: something was found to be wrong, so this is no measure of anything.
    """
    (source,) = find_sources([path], SETTINGS)
    check = DocumentCheck(read_document(source), SETTINGS, code_lists, base=SETTINGS.base)
    records = sum(checked.record(path.name) is not None for checked in check)
    if found := [*check.remaining_findings()]:
        raise AssertionError(found[:3])
    return records


if __name__ == "__main__":
    records = one_pass(Path(sys.argv[1]), load_code_lists())
    print(json.dumps({"records": records, "megabytes": peak_memory()}))
