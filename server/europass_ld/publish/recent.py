"""The documents that were asked for last, so that a popular one is written once per state."""

import threading
from collections import OrderedDict

Key = tuple[int, str, str]
"""Sequence of the store, IRI, name of the representation; of a page, its languages and address."""
Kept = tuple[bytes, str]
"""A document and the Link header that goes with it."""

_MOST = 1024
_LARGEST = 32 * 1024


class RecentDocuments:
    """A bounded memory of documents, at most 32 MB; what is older than the newest state goes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._newest = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Kept | None:
        """Return a document that was kept."""
        with self._lock:
            document = self._kept.get(key)
            if document is not None:
                self._kept.move_to_end(key)
            return document

    def keep(self, key: Key, document: Kept) -> None:
        """Keep a document, unless it is large; a redacted state does not stay in memory."""
        with self._lock:
            if key[0] > self._newest:
                self._newest = key[0]
                self._kept.clear()
            if key[0] == self._newest and len(document[0]) <= _LARGEST:
                self._kept[key] = document
                if len(self._kept) > _MOST:
                    self._kept.popitem(last=False)
