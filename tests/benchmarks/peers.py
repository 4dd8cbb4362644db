"""Other SPARQL servers on the same quads: the engine's own, rdflib's, and Virtuoso.

Each is started for one comparison, on loopback, and ended with it. What is not installed is None.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .http_load import free_port, served

_HERE = Path(sys.executable).parent
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
def oxigraph(generation: Path, log: Path) -> Iterator[str | None]:
    """Serve a store of the engine with the engine's own server; give the address of queries."""
    program = shutil.which("oxigraph", path=str(_HERE))
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "serve-read-only", "--location", generation.resolve()]
    with served([*command, "--bind", f"127.0.0.1:{port}"], port, f"/query{_PROBE[1:]}", log):
        yield f"http://127.0.0.1:{port}/query"


@contextmanager
def rdflib_endpoint(quads: Path, log: Path) -> Iterator[str | None]:
    """Serve quads (a .nq file) from memory with rdflib-endpoint and rdflib's own engine."""
    program = shutil.which("rdflib-endpoint", path=str(_HERE))
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "serve", "--host", "127.0.0.1", "--port", port, quads]
    with served(command, port, _PROBE, log, seconds=600):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def virtuoso(quads: Path, folder: Path) -> Iterator[str | None]:
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
    with served([program, "+foreground", "+configfile", ini], http, probe, folder / "log"):
        load = f"ld_dir('{folder}', 'data.nq', 'urn:x'); rdf_loader_run(); checkpoint;"
        login = [client, f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"]
        subprocess.run(login, check=True, capture_output=True, env=os.environ, timeout=3600)
        yield f"http://127.0.0.1:{http}/sparql"
