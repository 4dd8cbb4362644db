"""Queries on a state of the store that is named: `/sparql/at/{state}`.

The state is the sequence number of the record log. Every answer says which it ran on, in the header
`Europass-State`; here the request chooses it, and the endpoint finds the generation in `flask.g`.
"""

from pathlib import Path

from flask import Blueprint, Response, g

from ...errors import StoreUnavailable
from ...store import StateGone
from ..language import Message
from ..problems import Refusal
from ..site import site
from .endpoint import answered, read_request, sparql

blueprint = Blueprint("states", __name__)

_WAIT_SECONDS = 10.0
_RETRY_SECONDS = "10"


@blueprint.route("/sparql/at/<int:state>", methods=["GET", "POST"])
def sparql_at(state: int) -> Response:
    """Answer a query on the store as it was after the event `state`; without one as `/sparql`."""
    asked = read_request()
    g.state, g.generation = state, _generation(state)
    if asked is None:
        return sparql()
    try:
        return answered(asked)
    except StoreUnavailable:  # the writer may have pruned it just now
        g.generation = _generation(state)
        return answered(asked)


@blueprint.after_app_request
def _name_the_state(response: Response) -> Response:
    if g.get("state") is not None:
        response.headers["Europass-State"] = str(g.state)
        redacted = site().reader.last_redaction()
        if redacted > g.state:  # it is not all that it was
            response.headers["Europass-Redacted"] = str(redacted)
    return response


def _generation(state: int) -> Path:
    latest = site().reader.sequence
    if state > latest:  # which may be long: it must not become the name of a file
        raise Refusal(
            "not-found", Message("The states are 0 to %(latest)s.", latest=latest), latest=latest
        )
    try:
        found = site().past.generation(state, _WAIT_SECONDS)
    except StateGone as error:
        raise Refusal("state-gone", f"S{str(error)[1:]}.", state=state) from error
    if found is None:
        raise Refusal(
            "state-in-preparation",
            Message(
                "State %(state)s is being made again from the record log. Please ask again.",
                state=state,
            ),
            headers={"Retry-After": _RETRY_SECONDS},
            state=state,
        )
    return found
