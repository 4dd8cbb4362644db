r"""Remove a record or a text for good: from every state that the log holds, past ones too.

A redaction is one transaction. The states it concerns are rewritten where they stand, so that no
version, feed, dump or past state can show what was removed; what was live gets an event of its own
(`redact`), an update or a deletion like any other. What stays of a record is that it was there: its
IRI, its class, when it came and went. Nothing of it comes back with the next delivery: the log
keeps keyed hashes of what was removed, never the thing itself.

A text is looked for in every literal and IRI that records name; a statement that holds it goes
whole, for half a sentence is nobody's statement.

The dictionaries that bodies are compressed with hold pieces of records, so those of every class
that is concerned are made anew. Deleted pages are overwritten, and `purge` takes them out of the
file; generations are made by whoever brings up the view (`writer`).
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..errors import StoreError
from . import rows
from .bodies import Bodies, pack_text, unpack_text
from .statements import SharedStatements, count_statements, lines_of, shared_among
from .values import Record, Redaction, record_digest

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_GAP = "(removed)"
_BODIES_OF_TYPE = """
SELECT DISTINCT body.id, record.iri FROM record JOIN body ON body.id = record.body
WHERE record.type = (SELECT id FROM name WHERE text = ?) ORDER BY body.id
"""
_LIVE_BODIES = """
SELECT record.iri, dictionary, content FROM record JOIN body ON body.id = record.body
WHERE dataset = ? AND seq_to IS NULL
"""

_State = tuple[int, str, str, int, int]
"""Dataset, class, record, number of the state, and whether it is live."""
Rewrite = Callable[[str, str, str], tuple[str, str]]
"""From a record's IRI, its triples and its lexical forms (JSON) to those that may stay."""


class Unwanted:
    """What was removed once and must not come back; false while there is nothing."""

    def __init__(self, log: sqlite3.Connection):
        (self._key,) = log.execute("SELECT secret FROM store").fetchone()
        self._hashes = {one for (one,) in log.execute("SELECT hash FROM unwanted")}

    def __bool__(self) -> bool:
        """Tell whether anything was ever removed."""
        return bool(self._hashes)

    def has_record(self, iri: str) -> bool:
        """Tell whether the record of this IRI was removed."""
        return self._hash("record", iri) in self._hashes

    def without(self, record: Record) -> Record:
        """Return a record without the statements whose objects were removed."""
        triples, lexical = _without_lines(record.triples, record.lexical, self._holds)
        if triples == record.triples:
            return record
        digest = record_digest(triples, lexical)
        return replace(record, triples=triples, lexical=lexical, digest=digest)

    def _holds(self, line: str) -> bool:
        return any(self._hash("text", text) in self._hashes for text in _texts(line))

    def _hash(self, kind: str, text: str) -> bytes:
        return hashlib.blake2b(f"{kind} {text}".encode(), key=self._key, digest_size=20).digest()

    def remember(self, log: sqlite3.Connection, kind: str, texts: Iterable[str]) -> None:
        """Keep hashes of what was removed: records by IRI (`record`), objects by text (`text`)."""
        log.executemany(
            "INSERT INTO unwanted VALUES (?) ON CONFLICT DO NOTHING",
            ((self._hash(kind, text),) for text in texts),
        )


def find_record(log: sqlite3.Connection, iri: str) -> Redaction:
    """Return what there is of a record, in all datasets and states.

    Raises:
        StoreError: no dataset ever had it, or it was removed before.
    """
    found = log.execute(
        "SELECT dataset.iri, count(*), max(seq_to IS NULL) FROM record "
        "JOIN dataset ON dataset.id = dataset WHERE record.iri = ? AND verdict != 'redacted' "
        "GROUP BY dataset.iri ORDER BY dataset.iri",
        (iri,),
    ).fetchall()
    if not found:
        raise StoreError(f"no dataset has, or had, a record <{iri}>")
    return Redaction(
        datasets=tuple(dataset for dataset, _, _ in found),
        records=(iri,),
        states=sum(count for _, count, _ in found),
        live=sum(live for _, _, live in found),
    )


def redact_record(
    log: sqlite3.Connection, base: str, iri: str, time: str, reason: str
) -> Redaction:
    """Remove a record from all states of all datasets; in an open transaction of the log.

    Raises:
        StoreError: as `find_record`.
    """
    found = find_record(log, iri)
    affected = log.execute(
        "SELECT DISTINCT dataset, type.text FROM record JOIN name AS type ON type.id = type "
        "WHERE iri = ? AND verdict != 'redacted' ORDER BY dataset",
        (iri,),
    ).fetchall()
    sequences = {
        number: _add_event(log, number, time, reason, iri)
        for number in dict.fromkeys(number for number, _ in affected)
    }
    for number, sequence in sequences.items():
        log.execute(
            "UPDATE record SET seq_to = ? WHERE iri = ? AND dataset = ? AND seq_to IS NULL",
            (sequence, iri, number),
        )
    _repack(log, base, {kind for _, kind in affected}, _nothing_of(iri))
    log.execute("UPDATE record SET verdict = 'redacted' WHERE iri = ?", (iri,))
    _rewrite_reports(log, lambda report: _without_findings(report, iri), f"<{iri}>")
    _settle(log, base, sequences)
    Unwanted(log).remember(log, "record", [iri])
    return found


def find_text(log: sqlite3.Connection, text: str) -> Redaction:
    """Return what states a text, in all datasets and states.

    Raises:
        StoreError: nothing does, or the text is part of a record's own IRI.
    """
    return _summary(log, text, *_places(log, text))


def redact_text(log: sqlite3.Connection, base: str, text: str, time: str, reason: str) -> Redaction:
    """Remove every statement that holds a text from all states; in an open transaction.

    Raises:
        StoreError: as `find_text`.
    """
    needle = text.translate(_ESCAPES)
    states, numbers = _places(log, text)
    found = _summary(log, text, states, numbers)
    removed = {needle}
    sequences = {number: _add_event(log, number, time, reason) for number in sorted(numbers)}
    for number, _, _, state, live in states:
        if live:
            _begin_state(log, state, sequences[number])
    _repack(log, base, {kind for _, kind, *_ in states}, _without_text(needle, removed))
    _rewrite_reports(log, lambda report: _with_gaps(report, text), needle)
    _rewrite_descriptions(log, text)
    _settle(log, base, sequences)
    Unwanted(log).remember(log, "text", removed)
    return found


def _places(log: sqlite3.Connection, text: str) -> tuple[list[_State], set[int]]:
    """Return the states that hold a text, and the datasets that it concerns, by number."""
    states = list(_states_with(log, text))
    return states, {number for number, *_ in states} | set(_told_of(log, text))


def _summary(
    log: sqlite3.Connection, text: str, states: Sequence[_State], numbers: set[int]
) -> Redaction:
    """Return what a text stands in, or say that it cannot be removed."""
    if not numbers:
        raise StoreError("nothing here states this text")
    for _, _, iri, _, _ in states:
        if text.translate(_ESCAPES) in iri:
            raise StoreError(f"the text is part of the name of a record: redact <{iri}> instead")
    names = dict(log.execute("SELECT id, iri FROM dataset").fetchall())
    return Redaction(
        datasets=tuple(sorted(names[number] for number in numbers)),
        records=tuple(sorted({iri for _, _, iri, _, _ in states})),
        states=len(states),
        live=sum(live for _, _, _, _, live in states),
    )


def purge(log: sqlite3.Connection) -> None:
    """Take what was deleted out of the log's files; outside a transaction.

    Raises:
        sqlite3.Error: the disk is full, or somebody reads for longer than can be waited.
    """
    log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log.execute("VACUUM")
    log.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _states_with(log: sqlite3.Connection, text: str) -> Iterator[_State]:
    needle = text.translate(_ESCAPES)
    bodies = Bodies(log)
    cursor = log.execute(
        "SELECT dataset, name.text, iri, record.id, seq_to IS NULL, dictionary, content "
        "FROM record JOIN name ON name.id = type JOIN body ON body.id = body ORDER BY record.id"
    )
    for number, kind, iri, state, live, dictionary, content in cursor:
        lexical, triples = bodies.unpack(dictionary, content)
        if needle in triples or needle in lexical:
            changed = _without_text(needle, set())(iri, triples, lexical)
            if changed != (triples, lexical):
                yield number, kind, iri, state, live


def _told_of(log: sqlite3.Connection, text: str) -> Iterator[int]:
    """Yield the datasets of which a description, a file's name or a report holds a text."""
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    for number, description, facts, report in log.execute(
        "SELECT dataset, description, facts, report FROM event WHERE dataset IS NOT NULL"
    ):
        told = (description, facts, unpack_text(report) if report else None)
        if any(written in one for one in told if one):
            yield number


def _add_event(
    log: sqlite3.Connection, dataset: int, time: str, reason: str, record: str | None = None
) -> int:
    sequence = rows.last_sequence(log) + 1
    log.execute("DELETE FROM examined")  # what was found in records may name what is removed
    log.execute(
        "INSERT INTO event (sequence, time, kind, dataset, number, description, facts) "
        "SELECT ?, ?, 'redact', dataset, number + 1, description, facts FROM event "
        "WHERE dataset = ? ORDER BY sequence DESC LIMIT 1",
        (sequence, time, dataset),
    )
    log.execute("INSERT INTO redaction VALUES (?, ?, ?)", (sequence, reason, record))
    return sequence


def _begin_state(log: sqlite3.Connection, state: int, sequence: int) -> None:
    """End a live state, and begin one that is the same so far."""
    log.execute("UPDATE record SET seq_to = ? WHERE id = ?", (sequence, state))
    log.execute(
        "INSERT INTO record (dataset, iri, type, seq_from, digest, file, line, verdict, body) "
        "SELECT dataset, iri, type, ?, digest, file, line, verdict, body FROM record WHERE id = ?",
        (sequence, state),
    )


def _repack(log: sqlite3.Connection, base: str, types: Iterable[str], rewrite: Rewrite) -> None:
    """Rewrite the bodies of all records of some classes, with dictionaries made from the result."""
    shared_of = shared_among(base)
    for kind in sorted(types):
        log.execute("UPDATE dictionary SET type = 'old ' || id WHERE type = ?", (kind,))
        before, after = Bodies(log), Bodies(log)
        for body, iri in log.execute(_BODIES_OF_TYPE, (kind,)).fetchall():
            row = log.execute(
                "SELECT dictionary, content FROM body WHERE id = ?", (body,)
            ).fetchone()
            lexical, triples = before.unpack(*row)
            kept, kept_lexical = rewrite(iri, triples, lexical)
            if (kept, kept_lexical) != (triples, lexical):
                log.execute(
                    "UPDATE record SET digest = ? WHERE body = ?",
                    (record_digest(kept, kept_lexical), body),
                )
            lines = lines_of(kept)
            own = len(set(lines)) - len(shared_of(iri, lines))
            dictionary, content = after.pack(kind, kept_lexical, kept)
            log.execute(
                "UPDATE body SET dictionary = ?, own = ?, content = ? WHERE id = ?",
                (dictionary, own, content, body),
            )
    log.execute("DELETE FROM dictionary WHERE type LIKE 'old %'")


def _nothing_of(iri: str) -> Rewrite:
    return lambda record, triples, lexical: ("", "{}") if record == iri else (triples, lexical)


def _without_text(needle: str, removed: set[str]) -> Rewrite:
    """Return what takes the statements out that hold a text, and notes their objects."""

    def holds(line: str) -> bool:
        texts = _texts(line)
        removed.update(one for one in texts if needle in one)
        return any(needle in one for one in texts)

    def rewrite(record: str, triples: str, lexical: str) -> tuple[str, str]:
        del record
        return _without_lines(triples, lexical, holds, needle)

    return rewrite


def _without_lines(
    triples: str, lexical: str, unwanted: Callable[[str], bool], needle: str | None = None
) -> tuple[str, str]:
    """Return triples without some lines, and the lexical forms of those that are left."""
    forms: dict[str, str] = json.loads(lexical)
    kept: list[str] = []
    kept_forms: dict[str, str] = {}
    for number, line in enumerate(lines_of(triples)):
        form = forms.get(str(number))
        if unwanted(line) or (needle and form and needle in form.translate(_ESCAPES)):
            continue
        if form is not None:
            kept_forms[str(len(kept))] = form
        kept.append(f"{line}\n")
    return "".join(kept), json.dumps(kept_forms) if kept_forms else "{}"


def _texts(line: str) -> tuple[str, str]:
    """Return the subject's IRI, and the object's IRI or lexical form, escaped as they stand."""
    subject, _, rest = line.split(" ", 2)
    term = rest.removesuffix(" .")
    text = term[1 : term.rindex('"')] if term[0] == '"' else term[1:-1]
    return subject[1:-1], text


def _rewrite_reports(log: sqlite3.Connection, rewrite: Callable[[Any], Any], needle: str) -> None:
    """Rewrite the validation reports of all versions; RDF lines about what names `needle` go."""
    reports = log.execute(
        "SELECT sequence, report, report_triples FROM event WHERE report IS NOT NULL"
    ).fetchall()
    for sequence, packed, packed_triples in reports:
        text = unpack_text(packed)
        changed = json.dumps(rewrite(json.loads(text)), ensure_ascii=False)
        triples = unpack_text(packed_triples) if packed_triples else ""
        log.execute(
            "UPDATE event SET report = ?, report_triples = ? WHERE sequence = ?",
            (pack_text(changed), pack_text(_without_results(triples, needle)), sequence),
        )


def _without_results(triples: str, needle: str) -> str:
    lines = lines_of(triples) if triples else []
    about = {line.partition(" ")[0] for line in lines if needle in line}
    return "".join(
        f"{line}\n"
        for line in lines
        if line.partition(" ")[0] not in about and line.split(" ", 2)[2][:-2] not in about
    )


def _without_findings(report: Any, iri: str) -> Any:
    """Return JSON without the objects that are findings in a record."""
    if isinstance(report, list):
        return [
            _without_findings(one, iri)
            for one in report
            if not (isinstance(one, dict) and one.get("record") == iri)
        ]
    if isinstance(report, dict):
        return {key: _without_findings(one, iri) for key, one in report.items()}
    return report


def _with_gaps(value: Any, text: str) -> Any:
    """Return JSON in which another string stands for each that holds a text."""
    if isinstance(value, dict):
        return {key: _with_gaps(one, text) for key, one in value.items() if text not in key}
    if isinstance(value, list):
        return [_with_gaps(one, text) for one in value]
    return _GAP if isinstance(value, str) and text in value else value


def _without_strings(value: Any, text: str) -> Any:
    """Return JSON without the members and items that are strings and hold a text."""
    if isinstance(value, dict):
        return {
            key: _without_strings(one, text)
            for key, one in value.items()
            if not (isinstance(one, str) and text in one)
        }
    if isinstance(value, list):
        return [
            _without_strings(one, text)
            for one in value
            if not (isinstance(one, str) and text in one)
        ]
    return value


def _rewrite_descriptions(log: sqlite3.Connection, text: str) -> None:
    """Take a text out of what is known of datasets and files."""
    for sequence, description in log.execute(
        "SELECT sequence, description FROM event WHERE description IS NOT NULL"
    ).fetchall():
        found = json.loads(description)
        named = {name: found[name] for name in ("iri", "family", "delivery")}
        kept = {**_without_strings(found, text), **named}
        log.execute(
            "UPDATE event SET description = ? WHERE sequence = ?",
            (json.dumps(kept, ensure_ascii=False, sort_keys=True), sequence),
        )
    for sequence, facts in log.execute(
        "SELECT sequence, facts FROM event WHERE instr(facts, ?)", (text,)
    ).fetchall():
        found = json.loads(facts)
        for number, file in enumerate(found["files"], 1):
            file["name"] = f"file {number}" if text in file["name"] else file["name"]
        log.execute(
            "UPDATE event SET facts = ? WHERE sequence = ?",
            (json.dumps(found, ensure_ascii=False), sequence),
        )
    log.execute("UPDATE name SET text = 'file ' || id WHERE instr(text, ?)", (text,))


def _settle(log: sqlite3.Connection, base: str, sequences: dict[int, int]) -> None:
    """Count again what the datasets share and hold, and what their events did."""
    shared_of = shared_among(base)
    for number, sequence in sequences.items():
        log.execute("DELETE FROM shared WHERE dataset = ?", (number,))
        bodies, shared = Bodies(log), SharedStatements(log, number)
        for iri, dictionary, content in log.execute(_LIVE_BODIES, (number,)).fetchall():
            lines = lines_of(bodies.unpack(dictionary, content)[1])
            shared.change(shared_of(iri, lines), 1)
        shared.settle()
        changed, ended, live = log.execute(
            "SELECT count(*) FILTER (WHERE seq_from = ?1), count(*) FILTER (WHERE seq_to = ?1), "
            "count(*) FILTER (WHERE seq_to IS NULL) FROM record WHERE dataset = ?2",
            (sequence, number),
        ).fetchone()
        log.execute(
            "UPDATE event SET changed = ?, deleted = ?, unchanged = ?, records = ?, triples = ? "
            "WHERE sequence = ?",
            (
                changed,
                ended - changed,
                live - changed,
                live,
                count_statements(log, number),
                sequence,
            ),
        )


def redactions_since(log: sqlite3.Connection, sequence: int) -> Sequence[int]:
    """Return the sequences of the redactions after an event."""
    return [
        one
        for (one,) in log.execute(
            "SELECT sequence FROM redaction WHERE sequence > ? ORDER BY sequence", (sequence,)
        )
    ]
