"""Past states of the store being published: found, or made by a process of their own."""

from pathlib import Path

from ...store import check_state, find_state
from ...store.past import KEPT
from ..serving.background import Background


class PastStates:
    """The older generations of a store, as one web process asks for them."""

    def __init__(self, directory: Path, keep: int = KEPT):
        self._directory = directory
        self._keep = keep
        self._background = Background()

    def generation(self, state: int, wait: float) -> Path | None:
        """Return the generation of a state; None when it is not ready within `wait` seconds.

        Raises:
            UnknownState, StateGone, StoreUnavailable: as `store.check_state`.
        """
        found = find_state(self._directory, state)
        if found is None:
            check_state(self._directory, state)
            arguments = str(self._directory), str(state), str(self._keep)
            self._background.run(state, "europass_ld.store.remake", arguments, wait)
            found = find_state(self._directory, state)
        return found
