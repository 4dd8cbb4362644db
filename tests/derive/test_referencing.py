"""National levels and the EQF levels they were referenced to."""

from collections import defaultdict

from europass_ld.derive.referencing import _REFERENCED, referenced_levels

from .stores import CODE_LISTS

NOT_REFERENCED = {
    *(f"BH NQF Level {level}" for level in range(1, 9)),
    *(f"MECU Level {level}" for level in range(1, 9)),
    *(f"QDG Level {level}" for level in range(1, 9)),
    "BQF Level 0",
    "CQFW Entry 1-3",
    "ISQF Level 6",
    "ME NQF Level 7.1",
    "MQF Level A",
    "MQF Level B",
    "NKR Level 1",
    "NLQF Entry Level",
    "RQF Entry Levels 1-2",
    "SCQF Level 1",
    "SCQF Level 2",
}
LEVELS = {
    concept.iri: concept.labels["en"]
    for concept in CODE_LISTS.concepts("nqf", "3.3")
    if concept.broader
}
FOUND = {LEVELS[level]: int(eqf.rpartition("/")[2]) for level, eqf in referenced_levels(CODE_LISTS)}


def test_every_level_is_referenced_or_known_not_to_be() -> None:
    """A new level in the list does not pass unseen, and none is dropped for how it is written."""
    assert set(LEVELS.values()) - set(FOUND) == NOT_REFERENCED & set(LEVELS.values())


def test_every_framework_of_the_table_is_in_the_list() -> None:
    """No row of the table is for a framework that the list does not have."""
    frameworks = {
        one.iri.rpartition("/")[2] for one in CODE_LISTS.concepts("nqf", "3.3") if not one.broader
    }
    assert set(_REFERENCED) <= frameworks


def test_levels_that_are_not_what_their_number_says() -> None:
    """The well-known cases: Ireland, Scotland, England, Slovenia, Iceland, France."""
    assert [FOUND[f"IE NQF Level {level}"] for level in (1, 2, 5, 6, 7, 8, 10)] == [
        *(1, 1, 4, 5, 6, 6, 8)
    ]
    assert [FOUND[f"SCQF Level {level}"] for level in (3, 6, 7, 8, 10, 12)] == [1, 4, 5, 5, 6, 8]
    assert FOUND["RQF Level 3"] == 4
    assert FOUND["RQF Entry Level 3"] == 1
    assert FOUND["SQF Level 6"] == 5
    assert FOUND["ISQF Level 5.2"] == 6
    assert FOUND["NQF RNCP Level I-Master"] == 7
    assert FOUND["FiNQF Level 7"] == 7


def test_higher_levels_are_never_lower() -> None:
    """Within a framework, a level with a higher number has the same or a higher EQF level."""
    frameworks = defaultdict(list)
    for name, eqf in FOUND.items():
        framework, _, level = name.rpartition("Level ")
        number = level.rstrip("+abcAB ").partition(".")
        if number[0].isdigit():
            frameworks[framework].append((float("".join(number)), eqf))
    assert len(frameworks) > 30
    for levels in frameworks.values():
        eqf_levels = [eqf for _, eqf in sorted(levels)]
        assert eqf_levels == sorted(eqf_levels)
