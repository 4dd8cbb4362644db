"""Codes against the code lists that the schema version knows."""

from collections.abc import Iterable, Iterator

from ..mapping import Use
from ..vocabularies import CodeLists
from .report import Finding, Severity


class CodeValidator:
    """Checks the codes of documents of one family and version.

    An unknown code of a closed list is an Error. Of a list that goes on growing (NUTS, countries,
    languages, ...) it is a Warning, or an Error too when `strict`.
    """

    def __init__(self, code_lists: CodeLists, family: str, version: str, *, strict: bool = False):
        self._code_lists = code_lists
        self._family = family
        self._version = version
        self._closed = {one.name for one in code_lists.lists() if one.closed or strict}
        self._known: dict[tuple[str, ...], frozenset[str]] = {}

    def unknown(self, uses: Iterable[Use]) -> Iterator[Use]:
        """Yield the uses of codes that are in none of the lists their element takes."""
        known = self._known
        for use in uses:
            names = use.child.codes
            if use.value not in (known.get(names) or self._accepted(names)):
                yield use

    def finding(self, use: Use, *, file: str, path: str, record: str) -> Finding:
        """Return the finding for an unknown code in the element at `path` of a record."""
        names = use.child.codes
        nearest = self._code_lists.nearest(names, use.value, self._version, self._family)
        label = self._code_lists.label(nearest, ("en",)) if nearest else None
        hint = f"; did you mean {nearest}{f' ({label[0]})' if label else ''}?" if nearest else ""
        return Finding(
            rule="code/unknown",
            severity=Severity.ERROR if self._closed & set(names) else Severity.WARNING,
            message=f"not a code that ELM {self._version} knows for {use.child.name}{hint}",
            file=file,
            line=use.line,
            path=f"{path}/@uri",
            record=record,
            value=use.value,
            accepted=f"a code of the list {' or '.join(names)}",
            source=" ".join(f"data/vocabularies/{name}.ttl" for name in names),
        )

    def _accepted(self, names: tuple[str, ...]) -> frozenset[str]:
        lists = (self._code_lists.codes(name, self._version, self._family) for name in names)
        accepted = self._known[names] = frozenset[str]().union(*lists)
        return accepted
