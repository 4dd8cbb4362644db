"""Who comes next, and who is sent away: without any process."""

import time

import pytest

from europass_ld.queries import Limits, Query, QueryBusy
from europass_ld.queries.run import Run
from europass_ld.queries.schedule import PATIENCE, Schedule

_LIMITS = Limits(
    fast_workers=2, slow_workers=1, slow_line=1, queue_length=3, per_client=4, spares=0
)


def _run(name: str, client: str = "", *, waited: float = 1.0) -> Run:
    now = time.monotonic()
    return Run(
        id=name,
        query=Query(text=""),
        client=client or name,
        seconds=30,
        came=now - waited,
        ends=now + 30,
        expires=now + 300,
    )


def _entered(schedule: Schedule, *runs: Run) -> None:
    for run in runs:
        schedule.enter(run)


def _begun(schedule: Schedule) -> list[str]:
    begun = []
    while run := schedule.first_in_line():
        schedule.begin(run)
        begun.append(run.id)
    return begun


def test_no_more_begin_than_there_are_places() -> None:
    """The fast pool takes so many, the others wait, and a place that is free is filled again."""
    schedule = Schedule(_LIMITS)
    runs = [_run(name) for name in "abc"]
    _entered(schedule, *runs)
    assert _begun(schedule) == ["a", "b"]
    schedule.leave(runs[0])
    assert _begun(schedule) == ["c"]
    assert (schedule.number_in("fast"), schedule.number_in("waiting")) == (2, 0)


def test_one_begins_at_once_and_others_after_a_moment() -> None:
    """Beside a query that runs another begins only when it has waited, and first who came first."""
    schedule = Schedule(_LIMITS)
    runs = [_run(name, waited=0) for name in "abc"]
    _entered(schedule, *runs)
    assert _begun(schedule) == ["a"]
    time.sleep(PATIENCE)
    assert _begun(schedule) == ["b"]
    for run in runs[:2]:
        schedule.leave(run)
    assert _begun(schedule) == ["c"]


def test_the_client_with_the_fewest_comes_first() -> None:
    """Who sends many queries does not keep others waiting behind them."""
    schedule = Schedule(_LIMITS)
    _entered(schedule, *(_run(name, "greedy") for name in "abc"))
    assert _begun(schedule) == ["a", "b"]
    modest = _run("m")
    _entered(schedule, modest)
    first = schedule.get("a")
    assert first is not None
    schedule.leave(first)
    assert _begun(schedule) == ["m"]


def test_the_queue_has_an_end() -> None:
    """Who finds all places and the queue taken is sent away, and told when to come again."""
    schedule = Schedule(_LIMITS)
    _entered(schedule, *(_run(name) for name in "abcde"))
    with pytest.raises(QueryBusy) as raised:
        schedule.enter(_run("f"))
    assert raised.value.limit == "queue_length"
    assert raised.value.retry_after == 1
    assert len(schedule) == 5
    assert _begun(schedule) == ["a", "b"]
    with pytest.raises(QueryBusy):
        schedule.enter(_run("f"))


def test_a_client_has_so_many_places() -> None:
    """Waiting queries count as well as running ones, and only those of the client."""
    schedule = Schedule(_LIMITS)
    _entered(schedule, *(_run(name, "x") for name in "ab"))
    _begun(schedule)
    _entered(schedule, *(_run(name, "x") for name in "cd"))
    with pytest.raises(QueryBusy) as raised:
        schedule.enter(_run("e", "x"))
    assert raised.value.limit == "per_client"
    assert 1 <= raised.value.retry_after <= 30
    schedule.enter(_run("f", "y"))


def test_stepping_back_frees_a_fast_place_at_once() -> None:
    """A query leaves the fast pool whatever the slow one looks like: none of them blocks it."""
    schedule = Schedule(_LIMITS)
    runs = [_run(name) for name in "abc"]
    _entered(schedule, *runs)
    _begun(schedule)
    assert schedule.step_back(runs[0])
    assert schedule.step_back(runs[1])
    assert _begun(schedule) == ["c"]
    assert [run.state for run in runs] == ["slow", "held", "fast"]
    assert not schedule.step_back(runs[2])


def test_a_held_query_goes_on_when_a_slow_one_ends() -> None:
    """Leaving returns the query that now goes on, once."""
    schedule = Schedule(_LIMITS)
    runs = [_run(name) for name in "ab"]
    _entered(schedule, *runs)
    _begun(schedule)
    for run in runs:
        schedule.step_back(run)
    assert schedule.leave(runs[0]) is runs[1]
    assert runs[1].state == "slow"
    assert schedule.leave(runs[1]) is None
    assert len(schedule) == 0


def test_a_held_query_that_ends_leaves_the_line() -> None:
    """What was ended while it was held is not let go on afterwards."""
    schedule = Schedule(_LIMITS)
    runs = [_run(name) for name in "ab"]
    _entered(schedule, *runs)
    _begun(schedule)
    for run in runs:
        schedule.step_back(run)
    assert schedule.leave(runs[1]) is None
    assert schedule.leave(runs[0]) is None


def test_the_time_a_client_reads_is_not_counted() -> None:
    """The deadline moves on by the time that a client was away; the transfer's end does not."""
    run = _run("a")
    now = time.monotonic()
    assert not run.is_over(now)
    assert run.is_over(now + 31)
    run.leave()
    assert not run.is_over(now + 31)
    assert run.is_over(now + 301)
    run.away = now - 100
    run.return_()
    assert not run.is_over(now + 125)
    assert run.is_over(now + 131)


def test_the_total_is_the_sum_of_all_workers() -> None:
    """What the documentation calls the most workers counts each kind of them."""
    assert _LIMITS.total == 4
    assert Limits().total == Limits().fast_workers + Limits().slow_workers + 4 + 2
