"""From values to Flask responses: headers, entity tags, problem documents, pages."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, g, render_template, request
from werkzeug.http import http_date, parse_date, parse_etags

from .. import __version__
from .language import Message
from .negotiation import CODINGS, ERROR, HTML, PROBLEM, Representation, choose
from .problems import Problem, Refusal
from .serving.front_door import request_id
from .site import interface, reader_languages, site

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
REVALIDATE = "public, no-cache"
"""Keep it, and ask each time whether it is still the same: a record may be redacted any moment."""

VARY = "Accept, Accept-Encoding, Accept-Language"
VARY_BY_PROFILE = f"{VARY}, Accept-Profile"


def chosen_of(offered: tuple[Representation, ...], suffix: str | None) -> Representation | None:
    """Return what to send: what the suffix says, else what the Accept header allows, or None."""
    if suffix is not None:
        return next(one for one in offered if suffix == extension_of(one))
    return choose(request.environ.get("HTTP_ACCEPT"), offered)


def extension_of(one: Representation) -> str:
    """Return the suffix of documents in this representation, without the dot."""
    return one.format.extension if one.format else one.name


def not_acceptable(offered: tuple[Representation, ...], vary: str = VARY) -> Refusal:
    """Return the refusal that lists what there is."""
    available = [one.media_types[0] for one in offered]
    return Refusal(
        "not-acceptable",
        Message("This is available as %(types)s.", types=", ".join(available)),
        headers={"Vary": vary},
        available=available,
    )


def entity_tag(one: Representation, profile: str = "") -> str:
    """Return the strong entity tag of a representation: the store's state, and what it is told in.

    `profile` is the token of a profile other than the default.

    The state is that at the start of the request, so that a tag never promises more than was read.
    A page depends on the reader's languages and on our templates too.
    """
    if one is HTML:
        return f'"{g.sequence}-{profile}html-{__version__}-{".".join(reader_languages())}"'
    return f'"{g.sequence}-{profile}{one.name}"'


def not_modified(tag: str, cache_control: str = REVALIDATE, vary: str = VARY) -> Response | None:
    """Return a 304 if the client of this request has this already."""
    return unchanged(request.environ.get("HTTP_IF_NONE_MATCH"), tag, cache_control, vary)


def unchanged(
    known: str | None, tag: str, cache_control: str = REVALIDATE, vary: str = VARY
) -> Response | None:
    """Return a 304 if `known`, a header If-None-Match, names this entity tag."""
    if known is None:
        return None
    tags = parse_etags(known)
    weak, plain = tag[: tag.index('"')], tag[tag.index('"') + 1 : -1]
    # a client may have it in one of the codings, which have strong tags of their own
    for one in (plain, *(f"{plain}-{coding}" for coding in CODINGS)):
        if tags.contains_weak(one):
            headers = {"ETag": f'{weak}"{one}"', "Vary": vary, "Cache-Control": cache_control}
            return Response(status=304, headers=headers)
    return None


def conditional(
    make: Callable[[], bytes],
    *,
    tag: str,
    modified: str,
    cache_control: str,
    content_type: str,
    vary: str = VARY,
) -> Response:
    """Send what `make` returns, unless the client has it already.

    `tag` is an entity tag, `modified` a time of the log. The time counts only where the client
    names no tag: RFC 9110, section 13.1.3 <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3>.
    """
    time = last_modified(modified)
    known = not_modified(tag, cache_control)
    if known is None and "If-None-Match" not in request.headers:
        since = parse_date(request.headers.get("If-Modified-Since"))
        known = Response(status=304) if since and time <= since else None
    response = known or Response(make(), content_type=content_type)
    response.headers.setdefault("ETag", tag)
    response.headers.update(
        {"Cache-Control": cache_control, "Last-Modified": http_date(time), "Vary": vary}
    )
    return response


def last_modified(time: str) -> datetime:
    """Return since when something is as it is that an event of this time brought.

    A redaction changes what was never to change, so nothing is older than the last one.
    """
    return datetime.fromisoformat(max(time, site().reader.redacted))


def page(template: str, *, tag: str | None = None, status: int = 200, **values: Any) -> Response:
    """Fill a template; pages share navigation, headers and the reader's languages."""
    response = Response(
        render_template(template, **values),
        status,
        {
            **PAGE_HEADERS,
            "Cache-Control": REVALIDATE,
            "Content-Language": interface().tag,
            "Vary": VARY,
        },
        content_type=HTML.content_type,
    )
    if tag:
        response.headers["ETag"] = tag
    return response


def live_page(template: str, **values: Any) -> Response:
    """Fill a template whose content changes with the store only."""
    tag = entity_tag(HTML)
    return not_modified(tag) or page(template, tag=tag, **values)


def as_json(document: Mapping[str, Any]) -> Response:
    """Send a value as JSON."""
    text = json.dumps(document, ensure_ascii=False)
    headers = {"Cache-Control": REVALIDATE, "Vary": VARY}
    return Response(text, headers=headers, content_type="application/json")


def problem_response(problem: Problem) -> Response:
    """Send a problem: a page to those who ask for HTML by name, else JSON, acceptable or not.

    The address of a page, `….html`, asks for HTML too.
    """
    is_page = (request.view_args or {}).get("suffix") == extension_of(HTML)
    if is_page or choose(request.environ.get("HTTP_ACCEPT"), ERROR) is HTML:
        response = page("problem.html", status=problem.status, problem=problem)
    else:
        members = {**problem.members(), "request_id": request_id(request.environ)}
        body = json.dumps(members, ensure_ascii=False)
        response = Response(body, problem.status, content_type=PROBLEM.content_type)
    response.headers.update({"Cache-Control": "no-store", "Vary": VARY, **problem.headers})
    return response
