"""Other servers on the same quads: for SPARQL the engine's own, rdflib's, Virtuoso; Trifid's pages.

Each is started for one comparison, on loopback, and ended with it. What is not installed is None.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .http_load import Server, free_port, served

_HERE = Path(sys.executable).parent
_TRIFID = "trifid@5.3.0"
_PROBE = "/?query=ASK%20%7B%7D"
_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
ServerThreads = 10
DirsAllowed = {folder}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
MaxQueryMem = 2G
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = {http}
ServerRoot = {folder}
ServerThreads = 8
MaxKeepAlives = 10
[SPARQL]
ResultSetMaxRows = 2000000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 0
"""


@contextmanager
def oxigraph(generation: Path, log: Path) -> Iterator[Server | None]:
    """Serve a store of the engine with the engine's own server; give the address of queries."""
    program = shutil.which("oxigraph", path=str(_HERE))
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "serve-read-only", "--location", generation.resolve()]
    command += ["--bind", f"127.0.0.1:{port}"]
    with served(command, port, f"/query{_PROBE[1:]}", log) as process:
        yield Server(f"http://127.0.0.1:{port}/query", process.pid)


@contextmanager
def rdflib_endpoint(quads: Path, log: Path) -> Iterator[Server | None]:
    """Serve quads (a .nq file) from memory with rdflib-endpoint and rdflib's own engine."""
    program = shutil.which("rdflib-endpoint", path=str(_HERE))
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "serve", "--host", "127.0.0.1", "--port", port, quads]
    with served(command, port, _PROBE, log, seconds=600) as process:
        yield Server(f"http://127.0.0.1:{port}/", process.pid)


@contextmanager
def virtuoso(quads: Path, folder: Path) -> Iterator[Server | None]:
    """Load quads (a .nq file) into a Virtuoso of our own and serve them."""
    program, client = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if program is None or client is None:
        yield None
        return
    folder.mkdir()
    shutil.copy(quads, folder / "data.nq")
    sql, http = free_port(), free_port()
    ini = folder / "virtuoso.ini"
    ini.write_text(_VIRTUOSO.format(folder=folder, sql=sql, http=http), encoding="ascii")
    probe = f"/sparql{_PROBE[1:]}"
    command = [program, "+foreground", "+configfile", ini]
    with served(command, http, probe, folder / "log") as process:
        load = f"ld_dir('{folder}', 'data.nq', 'urn:x'); rdf_loader_run(); checkpoint;"
        login = [client, f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"]
        subprocess.run(login, check=True, capture_output=True, env=os.environ, timeout=3600)
        yield Server(f"http://127.0.0.1:{http}/sparql", process.pid)


@contextmanager
def trifid(triples: Path, namespace: str, probe: str, folder: Path) -> Iterator[Server | None]:
    """Let Trifid, installed from npm, show what is said in a .nt file of names in a namespace.

    What its address is continued with is what the namespace is continued with; `probe` is one.
    """
    npm = shutil.which("npm")
    if npm is None:
        yield None
        return
    folder.mkdir()
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", _TRIFID]
    if subprocess.run(install, cwd=folder, check=False, timeout=600).returncode:
        yield None
        return
    settings = folder / "config.json"
    settings.write_text(json.dumps(_trifid_settings(triples, namespace)), encoding="ascii")
    port = free_port()
    command = [folder / "node_modules/.bin/trifid", "--config", settings, "--port", port]
    with served(command, port, f"/{probe}", folder / "log") as process:
        yield Server(f"http://127.0.0.1:{port}/", process.pid)


def _trifid_settings(triples: Path, namespace: str) -> dict[str, object]:
    source = {
        "url": str(triples),
        "contentType": "application/n-triples",
        "baseIri": namespace,
        "graphName": namespace,
        "unionDefaultGraph": True,
    }
    return {
        "globals": {"datasetBaseUrl": namespace, "endpoints": {"default": {"url": "/query"}}},
        "plugins": {
            "entity-renderer": {"module": "@zazuko/trifid-entity-renderer"},
            "fetch": {"module": "trifid-handler-fetch", "paths": "/query", "config": source},
        },
    }
