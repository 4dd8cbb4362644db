"""Lines that do not fit into memory come out as if they did."""

from hypothesis import given
from hypothesis import strategies as st

from europass_ld.store.sorting import distinct_sorted

# U+2028, U+0085 and a carriage return end lines elsewhere, not here
_lines = st.text(st.sampled_from("ab<>#\u0085\u2028\r\U0001f600é"), min_size=1, max_size=4)
_texts = st.lists(st.lists(_lines, max_size=6).map(lambda some: "".join(f"{x}\n" for x in some)))


@given(_texts, st.sampled_from([1, 8, 1000]))
def test_runs_make_no_difference(texts: list[str], run_characters: int) -> None:
    """With runs of any size each line comes once, in the order of code points."""
    expected = sorted({line for text in texts for line in text.split("\n") if line})
    assert list(distinct_sorted(texts, run_characters=run_characters)) == expected
