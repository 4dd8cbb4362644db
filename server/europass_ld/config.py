"""All settings: one frozen value, and where each part of it came from.

A setting is looked up in this order: the command line (where it has an option), the environment
(`EUROPASS_LD_` and the name in capitals), a TOML file, the default below. The TOML file is the one
that `EUROPASS_LD_CONFIG` names, else `europass-ld.toml` in the working directory, else none.
"""

import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from .errors import ConfigurationError

ENVIRONMENT_PREFIX = "EUROPASS_LD_"
DEFAULT_FILE = "europass-ld.toml"
_LAST_PORT = 65_535
_SHORTEST_TOKEN = 16
_HIDDEN = "(set, not shown)"
_NOTHING: Mapping[str, object] = MappingProxyType({})


def _setting(default: Any, help_: str, read: Callable[[Any], Any], *, secret: bool = False) -> Any:
    """Declare a setting: its default, what it means, and how a given value is read.

    A `secret` one is never shown.
    """
    metadata = {"help": help_, "read": read, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


def _count(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _port(value: Any) -> int:
    text = str(value)
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise ValueError(f"a port from 0 to {_LAST_PORT}")
    return int(text)


def _number(value: Any, expected: str, most: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:
        raise ValueError(expected)
    return number


def _seconds(value: Any) -> float:
    return _number(value, "a number of seconds from 0", math.inf)


def _some_seconds(value: Any) -> float:
    seconds = _seconds(value)
    if not 0 < seconds < math.inf:
        raise ValueError("a number of seconds above 0")
    return seconds


def _token(value: Any) -> str:
    if not isinstance(value, str) or len(value) < _SHORTEST_TOKEN or not value.isascii():
        raise ValueError(f"at least {_SHORTEST_TOKEN} ASCII characters")
    return value


def _email(value: Any) -> str:
    text = str(value)
    name, at, host = text.rpartition("@")
    if not (name and at and "." in host and text.isascii()) or len(text.split()) != 1:
        raise ValueError("an e-mail address, such as data@example.org")
    return text


def _share(value: Any) -> float:
    return _number(value, "a share between 0 and 1, such as 0.2", 1)


def _names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
        raise ValueError("a list of names, separated by commas")
    return tuple(one.strip() for one in parts if one.strip())


def _path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError("a path")
    return Path(value).expanduser()


def _base(value: Any) -> str:
    text = str(value)
    if not text.startswith(("http://", "https://")) or not text.endswith("/") or "#" in text:
        raise ValueError("an http or https IRI that ends in /")
    return text


def _one_of(*accepted: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in accepted:
            raise ValueError(" or ".join(accepted))
        return str(value)

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its value; sizes are bytes, times seconds, lengths characters."""

    store: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "directory of the store", _path
    )
    base: str = _setting(
        "http://127.0.0.1:8000/",
        "IRI below which a new store names datasets and nested nodes; fixed once a store exists",
        _base,
    )
    max_document_bytes: int = _setting(4 * 2**30, "largest document, after decompression", _count)
    max_record_bytes: int = _setting(
        64 * 2**20, "most bytes from one record to the next: what is held in memory", _count
    )
    max_compression_ratio: int = _setting(
        200, "largest ratio of decompressed to compressed size", _count
    )
    max_files: int = _setting(10_000, "most documents in one archive, folder or delivery", _count)
    max_depth: int = _setting(
        32, "deepest nesting of elements below a record (the parser itself stops at 256)", _count
    )
    max_text_length: int = _setting(
        5_000_000, "longest text of one element (the parser itself stops at 10,000,000)", _count
    )
    max_findings: int = _setting(
        100_000, "findings kept one by one in a report; the rest is only counted", _count
    )
    shapes_engine: str = _setting(
        "shacl",
        "SHACL engine: shacl (Rust, fast) or pyshacl (pure Python)",
        _one_of("shacl", "pyshacl"),
    )
    vocabularies: Path = _setting(  # noqa: RUF009 - a Path is immutable
        Path(platformdirs.user_data_path("europass-ld")) / "vocabularies",
        "folder of the imported code lists",
        _path,
    )
    hold_deletions_over: float = _setting(
        0.2, "share of a dataset's records that a version may delete unconfirmed", _share
    )
    lock_wait: float = _setting(10.0, "time to wait for another loader to finish", _seconds)
    keep_generations: int = _setting(3, "checkpoints of the store that are kept", _count)
    keep_dumps: int = _setting(
        3, "versions of each dataset whose dumps are kept; others are made again when asked", _count
    )
    host: str = _setting("127.0.0.1", "address that the server listens on", str)
    port: int = _setting(8000, "port that the server listens on; 0 takes a free one", _port)
    workers: int = _setting(2, "processes that answer requests", _count)
    authoritative_hosts: tuple[str, ...] = _setting(
        (), "host names whose own paths this server answers", _names
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "addresses of proxies whose Forwarded or X-Forwarded headers count", _names
    )
    max_query_bytes: int = _setting(100_000, "longest SPARQL query", _count)
    query_deadline: float = _setting(
        30.0, "longest time a query may take; `timeout=` asks for less", _some_seconds
    )
    query_memory: int = _setting(
        2**30, "most memory one query may take; all of a process together, twice that", _count
    )
    query_result_bytes: int = _setting(2**30, "longest answer to a query", _count)
    query_workers: int = _setting(
        4, "queries that each process runs at once, and as many that take long", _count
    )
    queries_per_client: int = _setting(
        4, "queries one address may have running or waiting in each process", _count
    )
    service_endpoints: tuple[str, ...] = _setting(
        (), "SPARQL endpoints that queries may call with SERVICE; nobody else is called", _names
    )
    service_networks: tuple[str, ...] = _setting(
        (), "networks that are not public in which such an endpoint may be", _names
    )
    service_deadline: float = _setting(
        10.0, "longest time such an endpoint may take to answer", _some_seconds
    )
    service_result_bytes: int = _setting(10 * 2**20, "longest answer of such an endpoint", _count)
    query_log: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "file that queries are appended to, with their text; without it none is kept", _path
    )
    requests_per_minute: int = _setting(
        6_000, "requests one address may send in a minute to each process; not this machine", _count
    )
    header_deadline: float = _setting(
        10.0, "longest time a client may take to send the head of a request", _some_seconds
    )
    idle_deadline: float = _setting(
        60.0, "longest pause of a client that sends a body or takes an answer", _some_seconds
    )
    max_body_bytes: int = _setting(
        2 * 2**20, "longest body of a request where nothing else is said", _count
    )
    access_log: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "file that requests are appended to, without addresses; without it none", _path
    )
    admin_token: str | None = _setting(
        None,
        "bearer token that /admin asks for; without it only programs of this machine are let in",
        _token,
        secret=True,
    )
    signing_key: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None,
        "PEM file of the key, Ed25519 or P-256, that signs reports in JSON and manifests of dumps",
        _path,
    )
    trust: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "folder of trust anchors: roots and trusted lists", _path
    )
    private: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "folder of the private store; without it, `private` in the store directory", _path
    )
    private_keys: Path | None = _setting(  # noqa: RUF009 - a Path is immutable
        None, "folder of the private store's keys; without it, `keys` in the private store", _path
    )
    private_secret: str | None = _setting(
        None,
        "secret that protects the key of the private store; given before the first credential",
        _token,
        secret=True,
    )
    max_credential_bytes: int = _setting(16 * 2**20, "largest credential", _count)
    max_credentials: int = _setting(1_000, "most credentials kept for one owner", _count)
    sign_in_seconds: int = _setting(
        900, "time for which a browser stays signed in to its credentials", _count
    )
    max_closure_bytes: int = _setting(
        4 * 2**20, "most that a record states, with all it refers to, to be sent as XML", _count
    )
    admin_email: str = _setting(
        "unknown@example.invalid", "address of the operator, for harvesters", _email
    )
    feed_page_size: int = _setting(
        250, "members on one page of an event stream, records in one answer to a harvester", _count
    )
    feed_max_age: int = _setting(
        86_400,
        "time that caches may keep a closed page of an event stream, and what was redacted in it",
        _count,
    )
    operator_name: str = _setting(
        "Operator of this server", "who publishes the catalogue, in words", str
    )
    operator_iri: str | None = _setting(
        None,
        "IRI of who publishes the catalogue; without it, `catalogue#operator` below the base",
        str,
    )
    page_size: int = _setting(50, "rows on one HTML page of a list", _count)


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's name, value and meaning, and where the value came from."""

    name: str
    value: object
    source: str
    help: str


def load_settings(
    overrides: Mapping[str, object] = _NOTHING,
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> tuple[Settings, tuple[Origin, ...]]:
    """Return the settings and, for each, where its value came from.

    `overrides` come from the command line and win; `environment` is the process's own unless
    given; `file` is a TOML file, by default the one that the environment or the folder names.

    Raises:
        ConfigurationError: an unknown setting, a value of the wrong kind, an unreadable file.
    """
    env = os.environ if environment is None else environment
    sources = [
        ("the command line", {key: value for key, value in overrides.items() if value is not None}),
        ("the environment", _from_environment(env)),
        _from_file(file, env),
    ]
    known = {one.name: one for one in fields(Settings)}
    values: dict[str, Any] = {}
    origins = []
    for source, given in sources:
        for name in given:
            if name not in known:
                raise ConfigurationError(
                    f"unknown setting {name!r} in {source} (known: {', '.join(known)})",
                    setting=name,
                    source=source,
                )
    for name, declared in known.items():
        source, value = next(
            ((source, given[name]) for source, given in sources if name in given),
            ("the default", declared.default),
        )
        values[name] = (
            value if source == "the default" else _read(name, value, source, declared.metadata)
        )
        shown = _HIDDEN if declared.metadata["secret"] and values[name] else values[name]
        origins.append(Origin(name, shown, source, declared.metadata["help"]))
    return Settings(**values), tuple(origins)


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for processes that need no settings: some of those are secrets."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(ENVIRONMENT_PREFIX)
    }


def _from_environment(env: Mapping[str, str]) -> dict[str, object]:
    return {
        key.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for key, value in env.items()
        if key.startswith(ENVIRONMENT_PREFIX) and key != f"{ENVIRONMENT_PREFIX}CONFIG"
    }


def _from_file(file: Path | None, env: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    named = file or (Path(env[name]) if (name := f"{ENVIRONMENT_PREFIX}CONFIG") in env else None)
    path = named or Path(DEFAULT_FILE)
    if named is None and not path.is_file():
        return "no file", {}
    try:
        return f"the file {path}", tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"cannot read the settings in {path}: {error}", source=str(path)
        ) from error


def _read(name: str, value: object, source: str, metadata: Mapping[str, Any]) -> Any:
    try:
        return metadata["read"](value)
    except (TypeError, ValueError) as error:
        shown = "this" if metadata["secret"] else repr(value)
        raise ConfigurationError(
            f"setting {name} from {source}: {shown} is not accepted (expected: {error})",
            setting=name,
            source=source,
        ) from error
