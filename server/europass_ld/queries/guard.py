r"""Find in a query what this server never runs: `SERVICE` and `LOAD`, which make it call others.

The engine cannot switch them off, so the text is read here first, as tokens of the SPARQL 1.1
grammar <https://www.w3.org/TR/sparql11-query/#sparqlGrammar>: the word in a string, an IRI, a
comment or a name is nobody's business, the keyword is, and so is `\u0053ERVICE`.

The engine's parser takes more than the grammar says. Each of these was seen to reach the network,
and each is a test:

- no space is needed around keywords: `trueSERVICE?x{}`, and `SERVICE:x{}` where `:` is a prefix;
- a name that makes no valid IRI is given back and read again: where `q:` is `<http://a:>`,
  `q:SERVICE?x{}` is `q:` and then the keyword;
- a long string with an impossible escape in it is read again as two short ones;
- `<` begins an IRI or is less-than: in `1<2#>'''`, newline, `)SERVICE`, the rest hides in a string.
"""

import re
from bisect import bisect_left

from ..errors import QueryRefused

_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_NAME = rf"(?:[\w·]|{_ESCAPE})"
_RUN = rf"{_NAME}(?:[.-]*{_NAME})*+"
_LOCAL = rf"(?:[\w·:-]|%[0-9A-Fa-f]{{2}}|\\[_~.!$&'()*+,;=/?#@%-]|{_ESCAPE})"
_IRI = rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]|{_ESCAPE})*+>"
_VARIABLE = rf"[?$]{_NAME}++"
_PREFIXED = rf"(?:{_RUN})?+:(?:{_LOCAL}(?:\.*{_LOCAL})*+)?+"
_SPACE = r"(?:[ \t\r\n]|\#[^\r\n]*+)*+"

TOKEN = re.compile(
    rf"""
      (?P<space>     [ \t\r\n]++ )
    | (?P<comment>   \# )
    | (?P<string>    '''(?:'{{0,2}}(?:[^'\\]|\\.))*+''' | \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"
                   | '(?:[^'\\\r\n]|\\.)*+' | "(?:[^"\\\r\n]|\\.)*+" )
    | (?P<iri>       {_IRI} )
    | (?P<variable>  {_VARIABLE} )
    | (?P<blank>     _:{_RUN} )
    | (?P<tag>       @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<word>      {_RUN} (?!:) )
    | (?P<name>      {_PREFIXED} )
    | (?P<other>     [^'"] )
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([tbnrf\"'\\])|())")
_CALL = re.compile(
    rf"{_SPACE}(?:SILENT{_SPACE})?(?:(?:{_IRI}|{_VARIABLE}|{_PREFIXED}){_SPACE})?\{{",
    re.IGNORECASE,
)
_CODE_POINT = re.compile(_ESCAPE)
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def check_query(text: str) -> None:
    """Return if there is nothing forbidden in `text`; whether it is SPARQL the engine will say.

    Raises:
        QueryRefused: with `forbidden` and its position; or with a position alone, of a string
            that no reader can take (an escape in it that is none).
    """
    line_ends = [end.start() for end in re.finditer(r"[\r\n]|\Z", text)]
    waiting = [0]
    seen: set[int] = set()
    while waiting:
        position = waiting.pop()
        while position < len(text) and position not in seen:
            seen.add(position)
            token = TOKEN.match(text, position)
            if token is None:  # a quote that begins no string: no reader gets past it
                break
            _check_token(text, token)
            if token.lastgroup == "iri" and not _HIERARCHICAL.match(token[0]):
                waiting.append(position + 1)
            position = token.end()
            if token.lastgroup == "comment":
                position = line_ends[bisect_left(line_ends, position)]


def _check_token(text: str, token: re.Match[str]) -> None:
    kind = token.lastgroup
    if kind == "string":
        _check_string(text, token)
    elif kind in {"word", "name", "variable", "blank"}:
        forbidden = _forbidden(text, token)
        if forbidden:
            raise refused(
                f"{forbidden} is not run here: this endpoint does not call other servers",
                text,
                token.start(),
                forbidden,
            )


def _forbidden(text: str, token: re.Match[str]) -> str | None:
    plain = _CODE_POINT.sub(_character, token[0])
    folded = plain.casefold()
    escaped = plain != token[0]
    if "service" in folded and (
        escaped
        or token.lastgroup == "word"
        or (token.lastgroup == "name" and _CALL.match(text, token.end()))
    ):
        return "SERVICE"
    if folded == "load" and token.lastgroup == "word":
        return "LOAD"
    return None


def _character(escape: re.Match[str]) -> str:
    code = int(escape[0].lstrip("\\uU"), 16)
    return chr(code) if code <= _LAST_CODE_POINT else "\N{REPLACEMENT CHARACTER}"


def _check_string(text: str, token: re.Match[str]) -> None:
    for escape in _STRING_ESCAPE.finditer(token[0]):
        digits = escape[1] or escape[2]
        code = int(digits, 16) if digits else 0
        if escape[4] is not None or code in _SURROGATES or code > _LAST_CODE_POINT:
            raise refused(
                "a string has an escape that is none", text, token.start() + escape.start(), None
            )


def refused(message: str, text: str, offset: int, forbidden: str | None) -> QueryRefused:
    """Return the refusal of what stands at an offset of a query, with its line and column."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return QueryRefused(
        f"line {line}, column {column}: {message}", line=line, column=column, forbidden=forbidden
    )
