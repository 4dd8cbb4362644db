"""What happened to a record, and each state that it had: values, no Flask.

States are named by the sequence of the record log at which they began. What was removed from the
log for good is in none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...store import Change, Description, Reader
from ...store.provenance import version_iri
from ...terms import RDF_TYPE, expand
from ..addresses import parameter

_XSD_DATE_TIME = expand("xsd:dateTime")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a record; `previous` and `following` are those of the same dataset, if any."""

    change: Change
    previous: Change | None
    following: Change | None


def steps(changes: Sequence[Change]) -> tuple[Step, ...]:
    """Return changes with their neighbours, oldest first."""
    by_dataset: dict[str, list[Change]] = {}
    for one in changes:
        by_dataset.setdefault(one.dataset, []).append(one)
    around = {
        (of, one.sequence): (before, after)
        for of, some in by_dataset.items()
        for before, one, after in zip([None, *some], some, [*some[1:], None], strict=False)
    }
    return tuple(Step(one, *around[one.dataset, one.sequence]) for one in changes)


def state_at(changes: Sequence[Change], sequence: int) -> tuple[Description, ...]:
    """Return how each dataset described a record after the event `sequence`."""
    last: dict[str, Change] = {}
    first: dict[str, int] = {}
    for one in changes:
        if one.sequence <= sequence:
            last[one.dataset] = one
            first.setdefault(one.dataset, one.version)
    return tuple(
        Description(of, one.record, first[of], one.version)
        for of, one in sorted(last.items())
        if one.record is not None
    )


def is_kept(change: Change) -> bool:
    """Tell whether the state that a change began can be shown: no deletion, and not redacted."""
    return change.record is not None and change.record.verdict != "redacted"


def state_path(iri: str, sequence: int) -> str:
    """Return the path at which a state of a record is shown."""
    return f"/resource/state{parameter(iri)}&at={sequence}"


def history_json(
    root: str, iri: str, changes: Sequence[Change], redacted: str | None = None
) -> dict[str, object]:
    """Return a history as JSON: `iri`, and `changes`, oldest first.

    Of a record that was removed for good, `redacted` says why, and no change leads to a state.
    """
    told: dict[str, object] = (
        {"iri": iri} if redacted is None else {"iri": iri, "redacted": redacted}
    )
    return {**told, "changes": [_json(root, iri, one) for one in changes]}


def _json(root: str, iri: str, one: Change) -> Mapping[str, object]:
    described: dict[str, object] = {
        "kind": one.kind,
        "time": one.time,
        "dataset": one.dataset,
        "version": one.version,
        "sequence": one.sequence,
    }
    if one.record is not None:
        described |= {
            "verdict": one.record.verdict,
            "file": one.record.file,
            "line": one.record.line,
        }
    if is_kept(one):
        described["state"] = root + state_path(iri, one.sequence)
    return described


def history_lines(reader: Reader, root: str, iri: str, changes: Sequence[Change]) -> str:
    """Return a history as N-Triples in the terms of PROV."""
    return "".join(
        f"{line} .\n" for step in steps(changes) for line in _lines(reader.base, root, iri, step)
    )


def _lines(base: str, root: str, iri: str, step: Step) -> Iterator[str]:
    one, previous, following = step.change, step.previous, step.following
    if one.record is None:
        return
    state = f"<{root}{state_path(iri, one.sequence)}>"
    yield f"<{iri}> <{expand('dct:hasVersion')}> {state}"
    yield f"{state} <{RDF_TYPE}> <{expand('prov:Entity')}>"
    yield f"{state} <{expand('prov:specializationOf')}> <{iri}>"
    yield f"{state} <{expand('prov:wasDerivedFrom')}> <{version_iri(base, one.sequence)}>"
    yield f'{state} <{expand("prov:generatedAtTime")}> "{one.time}"^^<{_XSD_DATE_TIME}>'
    if previous is not None and previous.record is not None:
        before = f"<{root}{state_path(iri, previous.sequence)}>"
        yield f"{state} <{expand('prov:wasRevisionOf')}> {before}"
    if following is not None:
        yield f'{state} <{expand("prov:invalidatedAtTime")}> "{following.time}"^^<{_XSD_DATE_TIME}>'
