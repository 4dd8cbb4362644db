"""Queries that nobody means well with, each of which the engine alone would not end in an hour."""

from .stores import TERM

_NUMBERS = " ".join(str(number) for number in range(100))
_DOUBLING = " ".join(
    f"BIND(CONCAT(?x{number}, ?x{number}, ?x{number}, ?x{number}) AS ?x{number + 1})"
    for number in range(16)
)
_DIGITS = " ".join(f"VALUES ?d{number} {{ {_NUMBERS} }}" for number in range(5))

LONG = {
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "regular expression": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(REGEX(CONCAT(STR(?c), STR(?f)),"
        ' "(((c{1,30}o{0,30}){1,30}u{0,9}){1,30}x){2}")) }'
    ),
    "filters that call functions": (
        f"SELECT ?n {{ {_DIGITS} BIND(MD5(CONCAT(STR(?d0), STR(?d1), STR(?d2), STR(?d3),"
        ' STR(?d4))) AS ?n) FILTER(?n = "none") }'
    ),
    "nested EXISTS": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS { ?g ?h ?i . ?j ?k ?l"
        " FILTER(?c = ?a && ?f = ?l) } }"
    ),
}
"""They take time: the deadline ends them."""

GREEDY = {
    "ORDER BY": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "DISTINCT": "SELECT DISTINCT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f . FILTER(?a != ?d) }",
    "GROUP_CONCAT": (
        "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?c), STR(?d), STR(?f))) AS ?x)"
        " { ?a ?b ?c . ?d ?e ?f }"
    ),
    "BIND loop": f'SELECT ?n {{ BIND("{"a" * 64}" AS ?x0) {_DOUBLING} BIND(STRLEN(?x16) AS ?n) }}',
    "property path": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a (<{TERM}next>|^<{TERM}next>|<{TERM}field>|^<{TERM}field>)*"
        f" ?b . ?b (<{TERM}next>|^<{TERM}field>|<{TERM}field>)* ?c }}"
    ),
    "hash join": "SELECT * { { ?a ?b ?c . ?d ?e ?f } { ?g ?b ?i . ?d ?k ?f } }",
}
"""They take memory and time: whichever limit comes first ends them."""

NESTED = {
    "brackets": f"SELECT ({'(' * 20_000}1{')' * 20_000} AS ?x) {{}}",
    "groups": f"SELECT * {'{' * 30_000}{'}' * 30_000}",
    "negations": f"SELECT ({'!' * 90_000}1 AS ?x) {{}}",
    "paths": f"SELECT * {{ ?a {'(' * 20_000}<{TERM}next>{')' * 20_000} ?b }}",
    "options": f"SELECT * {{ {'OPTIONAL { ?a ?b ?c ' * 3_000}{'}' * 3_000} }}",
}
"""Their parser calls itself until the stack is full, which ends a process."""
