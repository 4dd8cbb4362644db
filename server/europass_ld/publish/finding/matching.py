"""How well a record matches a query of a reconciliation client: similarities, features, scores.

No IO and no Flask here. What is compared is folded (`record_index.fold`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_WEIGHT_OF_NAME = 2
"""What the name counts beside each property of a query."""


@dataclass(frozen=True, slots=True)
class Features:
    """How alike a record is to a query, each from 0 to 1: its name, and each property by IRI.

    `name` is None where the query has none. `identified` when the query's text is its identifier.
    """

    name: float | None
    properties: Mapping[str, float] = field(default_factory=dict)
    identified: bool = False

    @property
    def score(self) -> float:
        """All of them together, from 0 to 100."""
        values = list(self.properties.values())
        if self.name is not None:
            values += [1.0 if self.identified else self.name] * _WEIGHT_OF_NAME
        return round(100 * sum(values) / len(values), 1) if values else 0.0

    @property
    def complete(self) -> bool:
        """Whether nothing is missing for a match."""
        return self.score == 100  # noqa: PLR2004 - all of it

    def listed(self) -> list[dict[str, str | float]]:
        """Return them as the API lists them."""
        names = {} if self.name is None else {"name": self.name}
        return [
            {"id": id_, "value": round(value, 3)}
            for id_, value in {**names, **self.properties}.items()
        ]


def similarity(one: str, other: str) -> float:
    """Return how alike two texts are, from 0 to 1: the share of letter triples in both (Dice)."""
    if one == other:
        return 1.0
    triples, others = _triples(one), _triples(other)
    common = len(triples & others)
    # different texts may have the same triples
    return min(0.99, 2 * common / (len(triples) + len(others)))


def best_similarity(wanted: Iterable[str], present: Sequence[str]) -> float:
    """Return how alike the most alike pair of two collections is; 0 when one of them is empty."""
    return max((similarity(one, other) for one in wanted for other in present), default=0.0)


def _triples(text: str) -> set[str]:
    padded = f"  {text} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}
