"""Streaming: in order, in bounded memory, honest about errors, and gone when nobody reads."""

import threading
import time

import pyoxigraph as ox
import pytest

from europass_ld.publish.streaming import PART_SIZE, Sink, stream


def test_parts_come_whole_and_in_order() -> None:
    """What is written comes out, whatever the sizes of the writes."""
    pieces = [bytes([number % 256]) * (number * 7) for number in range(400)]

    def produce(sink: Sink) -> None:
        for piece in pieces:
            assert sink.write(piece) == len(piece)

    assert b"".join(stream(produce)) == b"".join(pieces)


def test_an_early_error_comes_before_any_part() -> None:
    """Before the first part is full an error is an exception, so it can still be a document."""

    def produce(sink: Sink) -> None:
        sink.write(b"x" * 100)
        raise ValueError("early")

    with pytest.raises(ValueError, match="early"):
        next(stream(produce))


def test_a_late_error_comes_after_the_parts() -> None:
    """What was full is sent; then the error is raised, which aborts the connection."""

    def produce(sink: Sink) -> None:
        sink.write(b"x" * PART_SIZE)
        raise ValueError("late")

    parts = stream(produce)
    assert len(next(parts)) == PART_SIZE
    with pytest.raises(ValueError, match="late"):
        next(parts)


def test_a_producer_waits_for_its_reader_and_ends_when_it_leaves() -> None:
    """Few parts are on their way at a time; closing ends the evaluation."""
    written: list[int] = []
    ended = threading.Event()

    def produce(sink: Sink) -> None:
        try:
            while True:
                written.append(sink.write(b"x" * PART_SIZE))
        finally:
            ended.set()

    parts = stream(produce)
    next(parts)
    time.sleep(0.1)
    assert len(written) < 20
    parts.close()
    assert ended.wait(5)


def test_results_stay_with_their_thread(capfd: pytest.CaptureFixture[str]) -> None:
    """An error does not carry the engine's results into another thread, where it panics."""

    def produce(sink: Sink) -> None:
        results = ox.Store().query("SELECT * { VALUES ?x { 1 2 } }")
        sink.write(b"x")
        raise ValueError(f"with {type(results).__name__} in the frame")

    with pytest.raises(ValueError, match="QuerySolutions"):
        list(stream(produce))
    assert "unsendable" not in capfd.readouterr().err
