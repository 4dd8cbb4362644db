"""For who runs the server: queries under way, figures for a monitor."""

from collections.abc import Iterable, Mapping

from flask import Blueprint, Response, request

from ... import __version__
from ..problems import Refusal
from ..responses import as_json
from ..serving.latencies import exposition
from ..site import site

blueprint = Blueprint("admin", __name__)

_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_WAYS = (
    "answered",
    "abandoned",
    "begun_anew",
    "QueryRefused",
    "UnwantedOutcome",
    "QueryTimeout",
    "QueryTooLarge",
    "QueryBusy",
    "QueryStopped",
    "QueryFailed",
    "StoreUnavailable",
)
"""How a query may end: all are shown from the beginning, so that a monitor sees them grow."""
_NOT_ENDS = frozenset({"stepped_back", "workers_started"})


@blueprint.before_request
def administrators_only() -> None:
    """Refuse everybody else what is below /admin."""
    if request.path.startswith("/admin/") and not site().administrates():
        raise Refusal(
            "not-administrator",
            "Send the configured token as Authorization: Bearer, or, where none is configured, ask"
            " from this machine itself.",
        )


@blueprint.get("/admin/queries")
def queries() -> Response:
    """List the queries that run or wait, with their texts for `?text`."""
    with_text = "text" in request.args
    response = as_json({"queries": site().peers.running(with_text=with_text)})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/admin/queries/<id_>")
def stop(id_: str) -> Response:
    """End a query; whoever asked it is told so."""
    if not site().peers.stop(id_):
        raise Refusal("not-found", "No query of this id runs or waits.")
    return Response(status=204)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell what a monitor wants to know, in the text format of Prometheus; no text of a query.

    <https://prometheus.io/docs/instrumenting/exposition_formats/>
    """
    counters, gauges, processes = site().peers.counts()
    ends = dict.fromkeys(_WAYS, 0)
    ends.update((way, number) for way, number in counters.items() if way not in _NOT_ENDS)
    prepared = gauges.pop("workers_prepared", 0)
    reader = site().reader
    text = "".join(
        (
            _metric("queries_total", "counter", "Queries by how they ended.", "end", ends),
            _metric(
                "queries_stepped_back_total",
                "counter",
                "Queries that used up their time in the fast pool.",
                value=counters.get("stepped_back", 0),
            ),
            _metric(
                "workers_started_total",
                "counter",
                "Worker processes started.",
                value=counters.get("workers_started", 0),
            ),
            _metric("queries", "gauge", "Queries under way by state.", "state", gauges),
            _metric("workers_prepared", "gauge", "Workers idle or starting.", value=prepared),
            _metric("processes", "gauge", "Processes that answer requests.", value=processes),
            _metric("state", "gauge", "The state of the store served.", value=reader.sequence),
            exposition(*site().peers.latencies()),
            _metric("info", "gauge", "What this is.", "version", {__version__: 1}),
        )
    )
    return Response(text, headers={"Cache-Control": "no-store"}, content_type=_METRICS)


def _metric(
    name: str,
    kind: str,
    help_: str,
    label: str = "",
    values: Mapping[str, int] | None = None,
    *,
    value: int = 0,
) -> str:
    full = f"europass_ld_{name}"
    lines: Iterable[str] = (
        [f"{full} {value}"]
        if values is None
        else [f'{full}{{{label}="{key}"}} {number}' for key, number in values.items()]
    )
    return "\n".join((f"# HELP {full} {help_}", f"# TYPE {full} {kind}", *lines, ""))
