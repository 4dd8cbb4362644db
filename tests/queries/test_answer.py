"""An answer from whatever a worker may send: parts and an end, or an error, but never nonsense."""

import socket
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.errors import QueryTooLarge, StoreError, StoreUnavailable
from europass_ld.queries import Answer, Query
from europass_ld.queries.run import Run
from europass_ld.queries.wire import (
    DATA,
    END,
    ERROR,
    HEAD,
    PART_SIZE,
    SPENT,
    USABLE,
    Channel,
    facts,
    frame,
)

_HEAD = facts(HEAD, outcome="solutions", format="csv", sequence=3)
_FULL = frame(DATA, b"x" * PART_SIZE)


class _Keeper:
    """Remembers how queries ended."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, bool]] = []

    def why_ended(self, run: Run) -> StoreError:
        """Return an error that says whose end it was."""
        return StoreUnavailable(f"the worker of {run.id} is gone")

    def finish(self, run: Run, how: str, *, usable: bool) -> None:
        """Take note."""
        del run
        self.ends.append((how, usable))


@pytest.fixture
def keeper() -> _Keeper:
    """Return a keeper that lent no worker yet."""
    return _Keeper()


def _answer(sent: bytes, keeper: _Keeper, most: int = 2**20) -> Answer:
    ours, theirs = socket.socketpair()
    theirs.sendall(sent)
    theirs.close()
    run = Run(id="q", query=Query(text=""), client="", seconds=9, came=0, ends=9, expires=99)
    try:
        return Answer(run, Channel(ours), most, keeper)
    finally:
        _open.append(ours)


_open: list[socket.socket] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


@pytest.mark.parametrize(("usable", "said"), [(True, USABLE), (False, SPENT)])
def test_a_short_answer_is_over_at_once(keeper: _Keeper, *, usable: bool, said: bytes) -> None:
    """The worker is given back before the first part is taken, and may say that it is spent."""
    answer = _answer(_HEAD + frame(DATA, b"a\n1\n") + frame(END, said), keeper)
    assert answer.complete
    assert keeper.ends == [("answered", usable)]
    assert (answer.outcome, answer.format.name, answer.sequence) == ("solutions", "csv", 3)
    assert list(answer) == [b"a\n1\n"]
    answer.close()
    assert len(keeper.ends) == 1


def test_an_empty_answer_is_an_answer(keeper: _Keeper) -> None:
    """A graph without triples has no bytes and is no error."""
    answer = _answer(_HEAD + frame(END, USABLE), keeper)
    assert answer.complete
    assert list(answer) == []


def test_full_parts_come_before_the_end_is_known(keeper: _Keeper) -> None:
    """An answer whose first part is full is not complete until it is read."""
    answer = _answer(_HEAD + _FULL + frame(DATA, b"y") + frame(END, USABLE), keeper)
    assert not answer.complete
    assert [len(part) for part in answer] == [PART_SIZE, 1]
    assert answer.complete


def test_an_end_in_the_middle_is_an_error(keeper: _Keeper) -> None:
    """What was sent before the worker went is never taken for the whole."""
    answer = _answer(_HEAD + _FULL, keeper)
    assert len(next(answer)) == PART_SIZE
    with pytest.raises(StoreUnavailable, match="of q is gone"):
        next(answer)
    assert keeper.ends == [("StoreUnavailable", False)]
    assert list(answer) == []


def test_an_error_in_the_middle_is_raised(keeper: _Keeper) -> None:
    """An error that comes after full parts is raised from the iterator."""
    error = facts(ERROR, error="memory", message="", usable=False)
    answer = _answer(_HEAD + _FULL + error, keeper)
    next(answer)
    with pytest.raises(QueryTooLarge):
        next(answer)
    assert keeper.ends == [("QueryTooLarge", False)]


@pytest.mark.parametrize("parts", [1, 2])
def test_the_size_is_counted_here(keeper: _Keeper, parts: int) -> None:
    """An answer is cut off at the byte it may not have, whatever the worker thinks."""
    sent = _HEAD + _FULL * parts + frame(END, USABLE)
    assert len(_answer(sent, keeper, parts * PART_SIZE).read()) == parts * PART_SIZE
    with pytest.raises(QueryTooLarge) as raised:
        _answer(sent, keeper, parts * PART_SIZE - 1).read()
    assert raised.value.limit == "result_bytes"


_PAYLOADS = (b"", b"{}", b"[]", b"1", b"\xff", b'{"format": "none", "outcome": 1}')


@pytest.mark.parametrize(("kind", "payload"), list(product((HEAD, ERROR, b"?"), _PAYLOADS)))
def test_nonsense_gives_the_worker_up(keeper: _Keeper, kind: bytes, payload: bytes) -> None:
    """A worker that says what it should not is ended, and the query with a plain error."""
    with pytest.raises(StoreUnavailable):
        _answer(frame(kind, payload), keeper)
    assert keeper.ends == [("StoreUnavailable", False)]


@settings(max_examples=100, deadline=None)
@given(noise=st.binary(max_size=200), after=st.sampled_from([b"", _HEAD, _HEAD + _FULL]))
def test_noise_is_never_more_than_an_error(noise: bytes, after: bytes) -> None:
    """Whatever bytes come, reading ends, the query ends once, and only store errors are raised."""
    keeper = _Keeper()
    try:
        _answer(after + noise, keeper).read()
    except StoreError:
        assert keeper.ends[-1][0] != "answered"
    assert len(keeper.ends) == 1
