"""Which graph holds what: shared statements, the merged default graph, the server's own graphs."""

from pathlib import Path

import pyoxigraph as ox

from europass_ld.store import Reader, Store, content_hash
from europass_ld.terms import expand

from .making import (
    BASE,
    CATALOGUE,
    CONCEPT,
    FACTS,
    GENID,
    OTHER,
    iri,
    load,
    record,
    shown,
    stated,
)


def _values(reader: Reader, graph: str, subject: str, predicate: str) -> set[str]:
    found = reader.store.quads_for_pattern(
        ox.NamedNode(subject), ox.NamedNode(expand(predicate)), None, ox.NamedNode(graph)
    )
    return {quad.object.value for quad in found if not isinstance(quad.object, ox.Triple)}


def test_shared_statement_goes_with_the_last_record(store: Store, directory: Path) -> None:
    """A concept's type stays while any live record of the dataset states it."""
    load(store, CATALOGUE, record("a"), record("b"), record("c", more=()))
    load(store, CATALOGUE, record("b"), record("c", more=()))
    assert CONCEPT in shown(directory, CATALOGUE)
    load(store, CATALOGUE, record("b", more=()), record("c", more=()))
    assert CONCEPT not in shown(directory, CATALOGUE) | shown(directory)


def test_statement_about_another_record(store: Store, directory: Path) -> None:
    """What a record says of another one stays while either of them states it."""
    title = record("a").triples.split("\n")[1]
    teller = record("b", more=(title,))
    version = load(store, CATALOGUE, record("a"), teller)
    assert version.triples == len(stated([record("a"), teller]))
    for records in ([teller], [record("a"), teller], [record("a")], []):
        version = load(store, CATALOGUE, *records)
        assert shown(directory, CATALOGUE) == stated(records)
        assert version.triples == len(stated(records))


def test_nested_node_of_a_concept_is_shared(store: Store, directory: Path) -> None:
    """A nested node that hangs from a shared concept leaves with the last record only."""
    node = f"<{GENID}concept.1>"
    more = (f"<https://codes.example/5> <a:p> {node} .", f'{node} <a:q> "x" .')
    load(store, CATALOGUE, record("a", more=more), record("b", more=more))
    load(store, CATALOGUE, record("b", more=more))
    assert shown(directory, CATALOGUE) == stated([record("b", more=more)])
    load(store, CATALOGUE, record("b", more=()))
    assert shown(directory, CATALOGUE) == stated([record("b", more=())])


def test_default_graph_is_a_merge(store: Store, directory: Path) -> None:
    """A triple of two datasets stands once in the default graph, and goes with the second."""
    load(store, CATALOGUE, record("a"), record("b"))
    load(store, OTHER, record("a"))
    with Reader(directory) as reader:
        (count,) = reader.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")  # type: ignore[misc]
        assert int(count["n"].value) == len(stated([record("a"), record("b")]))
    load(store, CATALOGUE, record("b", more=()))
    assert shown(directory) == stated([record("a"), record("b", more=())])
    load(store, OTHER)
    assert shown(directory) == stated([record("b", more=())])


def test_report_is_a_graph_of_its_version(store: Store, directory: Path) -> None:
    """Each version has its report in a graph, and the default graph knows nothing of it."""
    line = "<https://ld.example.org/id/report/1> <a:p> <a:o> ."
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a"))
        delivery.publish(facts=FACTS, report_json="{}", report_triples=f"{line}\n")
    graph = ox.NamedNode(f"{BASE}id/graph/report/1")
    with Reader(directory) as reader:
        found = [
            f"{quad.triple} ." for quad in reader.store.quads_for_pattern(None, None, None, graph)
        ]
    assert found == [line]
    assert line not in shown(directory)


def test_provenance_follows_the_records(store: Store, directory: Path) -> None:
    """A live record points to the version that brought its state, and says if it conforms."""
    graph = f"{BASE}id/graph/provenance"
    load(store, CATALOGUE, record("a"), record("b"))
    load(store, CATALOGUE, record("a", verdict="warnings"), record("b"))
    load(store, OTHER, record("a"), record("b"))
    version = [f"{BASE}id/version/{number}" for number in range(4)]
    with Reader(directory) as reader:
        assert _values(reader, graph, iri("a"), "prov:wasDerivedFrom") == {version[2], version[3]}
        assert _values(reader, graph, iri("b"), "prov:wasDerivedFrom") == {version[1], version[3]}
        assert _values(reader, graph, iri("a"), "eld:verdict") == {
            expand("eld:conforms"),
            expand("eld:conformsWithWarnings"),
        }
    load(store, CATALOGUE, record("b"))
    load(store, OTHER)
    with Reader(directory) as reader:
        assert _values(reader, graph, iri("a"), "prov:wasDerivedFrom") == set()
        assert _values(reader, graph, iri("a"), "eld:verdict") == set()
        assert _values(reader, graph, iri("b"), "prov:wasDerivedFrom") == {version[1]}
        assert _values(reader, graph, iri("b"), "eld:verdict") == {expand("eld:conforms")}


def test_versions_are_described(store: Store, directory: Path) -> None:
    """The graph of provenance leads from a version to its dataset, files and predecessors."""
    graph = f"{BASE}id/graph/provenance"
    load(store, CATALOGUE, record("a"))
    load(store, CATALOGUE, record("b"))
    store.revert(CATALOGUE.iri, 1)
    first, second, third = (f"{BASE}id/version/{number}" for number in (1, 2, 3))
    with Reader(directory) as reader:
        assert _values(reader, graph, third, "dct:isVersionOf") == {CATALOGUE.iri}
        assert _values(reader, graph, third, "prov:wasRevisionOf") == {second}
        (file,) = _values(reader, graph, first, "prov:wasDerivedFrom")
        assert _values(reader, graph, third, "prov:wasDerivedFrom") == {file, first}
        assert file.startswith("ni:///sha-256;q6urq6ur")
        assert _values(reader, graph, file, "eld:sourceFile") == {"courses.xml"}
        assert _values(reader, graph, first, "void:triples") == {"5"}
        assert _values(reader, graph, second, "dcat:version") == {"2"}


def test_vocabulary_is_replaced_by_version(store: Store, directory: Path) -> None:
    """The code lists are one graph of their own; the same version again is nothing new."""
    graph = ox.NamedNode(f"{BASE}id/graph/vocabulary")
    one, two, three = (f"<https://codes.example/{number}> <a:p> <a:o> .\n" for number in (1, 2, 3))
    assert store.set_vocabulary([one, two], version="2026-01")
    assert not store.set_vocabulary([three], version="2026-01")
    load(store, CATALOGUE, record("a"))
    assert store.set_vocabulary([two, three], version="2026-02")
    with Reader(directory) as reader:
        found = {
            f"{quad.triple} .\n" for quad in reader.store.quads_for_pattern(None, None, None, graph)
        }
        kinds = [(event.kind, event.dataset, event.version) for event in reader.events()]
    assert found == {two, three}
    assert kinds == [
        ("vocabulary", None, None),
        ("load", CATALOGUE.iri, 1),
        ("vocabulary", None, None),
    ]
    assert shown(directory) == stated([record("a")])


def test_rebuilt_store_is_the_same(store: Store, directory: Path) -> None:
    """A store made from the log alone holds exactly what the one it replaces holds."""
    store.set_vocabulary(["<https://codes.example/1> <a:p> <a:o> .\n"], version="1")
    load(store, CATALOGUE, record("a"), record("b"))
    load(store, OTHER, record("b", "Other"), record("c"))
    load(store, CATALOGUE, record("a", "Changed", verdict="warnings"))
    store.revert(CATALOGUE.iri, 1)
    with Reader(directory) as reader:
        before = content_hash(reader.store)
        store.rebuild()
        assert reader.refresh()
        assert content_hash(reader.store) == before
        assert reader.sequence == 5


def test_hash_is_of_content_not_of_order() -> None:
    """Equal sets of quads have equal hashes, different ones different hashes."""
    quads = list(ox.parse("<a:a> <a:p> 'x' . <a:b> <a:p> 'x' .", ox.RdfFormat.TURTLE))
    assert content_hash(quads) == content_hash([*reversed(quads), quads[0]])
    assert content_hash(quads) != content_hash(quads[:1])


def test_shared_statements_are_counted_through_reverts(store: Store, directory: Path) -> None:
    """Records that come back, or only change their verdict, count among those that state."""
    whole = len(stated([record("a")]))
    load(store, CATALOGUE, record("a"))
    load(store, CATALOGUE)
    assert store.revert(CATALOGUE.iri, 1).triples == whole
    assert load(store, CATALOGUE, record("a", verdict="warnings")).triples == whole
    load(store, CATALOGUE, record("a", "New"), record("b"))
    load(store, CATALOGUE, record("b", "New"))
    assert shown(directory, CATALOGUE) == stated([record("b", "New")])
    load(store, CATALOGUE, record("b", more=()))
    assert shown(directory, CATALOGUE) == stated([record("b", more=())])
