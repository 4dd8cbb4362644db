"""What a document is told to be, before anything in it is believed."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.documents.credentials import ProofKind, detect_credential
from europass_ld.documents.limits import CredentialLimits
from europass_ld.documents.strict_json import read_json
from europass_ld.errors import (
    DocumentError,
    LimitExceeded,
    MalformedDocument,
    UnsupportedDocument,
)
from tests.shared import corpus

CORPUS = corpus()
ANA = next(CORPUS.glob("edc-xml/*Ana_Andromeda*")).relative_to(CORPUS).as_posix()
V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIAL = {"@context": [V1], "type": ["VerifiableCredential"]}


def _found(path: str) -> tuple[str, str, bool, str, str | None]:
    found = detect_credential((CORPUS / path).read_bytes(), path)
    return found.family, found.version, found.presentation, found.proof.value, found.schema


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            ANA,
            ("edc-xml", "1.0", False, "xades", "credential-1.0"),
        ),
        (
            "edc-xml/official_hist_2022-03-02_80406a3_EDC_SampleDegree_AA.xml",
            ("edc-xml", "1.2", False, "none", "credential-1.2"),
        ),
        (
            "edc-xml/official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml",
            ("edc-xml", "1.2", True, "xades", "presentation-1.2"),
        ),
        (
            "edc-xml/edci_commons_verificable_presentation_shared-xsd_v1.1.xml",
            ("edc-xml", "1.1", True, "none", "shared-1.1"),
        ),
        (
            "proofs/xades/edci__Credential_EPAS_476.xml",
            ("edc-xml", "draft", False, "xades", None),
        ),
        (
            "proofs/jades/elm__Sample-CertOfPart-signed.jsonld",
            ("edc-jsonld", "1.1", False, "jades", None),
        ),
        (
            "proofs/jades/edci__json_to_seal-signed-jades-baseline-lta.json",
            ("edc-jsonld", "1.1", True, "jades", None),
        ),
        (
            "edc-jsonld/official_hist_2023-07-07_0b22f42_credential-sample.jsonld",
            ("edc-jsonld", "1.1", False, "none", None),
        ),
        (
            "proofs/data-integrity/vc-di-eddsa__eddsa-rdfc-2022__signedDataInt.json",
            ("edc-jsonld", "2.0", False, "data-integrity", None),
        ),
    ],
)
def test_real_documents(path: str, expected: tuple[str, str, bool, str, str | None]) -> None:
    """Family, version, kind and proof of genuine documents are told, and the schema for them."""
    assert _found(path) == expected


def test_a_diploma_supplement_is_told_by_its_schema() -> None:
    """The profile is that of the schema a document names, in a presentation too."""
    for name in ("2022-03-02_80406a3_EDC_SampleDegree", "2022-08-31_ac765b9_EDC_DiplomaSupplement"):
        path = CORPUS / f"edc-xml/official_hist_{name}_AA.xml"
        assert detect_credential(path.read_bytes()).profile == "diploma-supplement"


@pytest.mark.parametrize(
    ("path", "looks_like"),
    [
        ("elmo/emrex_HEAD_example.xml", "an EMREX document"),
        ("loq/official_HEAD_v3.1.0_loq.xml", "learning opportunities"),
        ("ams/official_HEAD_v3.1.0_ams.xml", "accreditations"),
        ("edc-jsonld/edci_data-model_Sample.jsonld", "neither a credential nor a presentation"),
        (
            "edc-jsonld/official_hist_2023-10-05_e6fa892_Sample-CertOfPart-unsigned-uploadable.json",
            "an upload for the European issuer",
        ),
        ("negative/ewa_editors_excel.xml", "neither XML nor JSON"),
        ("negative/ewa_editors_empty.xml", "an empty file"),
    ],
)
def test_other_documents_are_named(path: str, looks_like: str) -> None:
    """What is no credential is refused in words that say what it is instead."""
    with pytest.raises(UnsupportedDocument, match=looks_like):
        detect_credential((CORPUS / path).read_bytes(), Path(path).name)


@pytest.mark.parametrize("name", ["base64", "dos", "entity", "file", "remote"])
def test_entities_never_get_a_hearing(name: str) -> None:
    """Each attack with external or exploding entities is refused by the reader."""
    data = (CORPUS / f"negative/edci_commons_xxe_{name}.xml").read_bytes()
    with pytest.raises(MalformedDocument):
        detect_credential(data)


def _compact(payload: object) -> bytes:
    parts = ({"alg": "RS256"}, payload)
    encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*encoded, b"c2ln"])


def test_compact_jws() -> None:
    """A credential in a compact JWS is told by its payload; what is no credential is not."""
    found = detect_credential(_compact(CREDENTIAL))
    assert (found.family, found.proof) == ("edc-jsonld", ProofKind.COMPACT_JWS)
    with pytest.raises(UnsupportedDocument, match="VC-JWT"):
        detect_credential(_compact({"vc": CREDENTIAL}))
    with pytest.raises(UnsupportedDocument, match="no credential"):
        detect_credential(_compact([1]))
    with pytest.raises(UnsupportedDocument, match="detached"):
        detect_credential(b"e30..c2ln")


def test_jades_with_an_encoded_payload() -> None:
    """The payload of a JWS in JSON may be the text itself, or its base64url form."""
    payload = json.dumps(CREDENTIAL)
    encoded = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    for one in (payload, encoded):
        data = json.dumps({"payload": one, "signatures": []}).encode()
        assert detect_credential(data).proof is ProofKind.JADES
    with pytest.raises(MalformedDocument, match="must be a string"):
        detect_credential(b'{"payload": {}, "signatures": []}')
    with pytest.raises(MalformedDocument, match="not base64url"):
        detect_credential('{"payload": "é", "signatures": []}'.encode())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"type": 1, "type": 2}', "same member twice"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "same member twice"),
        (b'{"payload": "{\\"a\\":1,\\"a\\":2}", "signatures": []}', "same member twice"),
        (b'{"a": NaN}', "no JSON"),
        (b'{"a": 1e999}', "no JSON"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": "\xe9"}', "UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": 1} {', "not JSON"),
    ],
)
def test_json_with_two_meanings_is_refused(data: bytes, why: str) -> None:
    """Whatever two programs could read differently is not read at all."""
    with pytest.raises(MalformedDocument, match=why):
        detect_credential(data)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (b"[" * 10_000_000, "max_values"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "max_depth"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "max_depth"),
        (b"<a>" * 150 + b"</a>" * 150, "max_depth"),
        (b"<a>" * 5_000 + b"</a>" * 5_000, "parser"),
        (b"<a>" + b"<b/>" * 600_000 + b"</a>", "max_values"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", "digits"),
        (b" " * (40 * 2**20), "max_bytes"),
    ],
    ids=["brackets", "deep", "deeper", "nested", "very-nested", "flat", "digits", "large"],
)
def test_bombs_meet_a_limit(data: bytes, limit: str) -> None:
    """What would fill memory or stack is refused, and the limit is named."""
    with pytest.raises(LimitExceeded) as caught:
        detect_credential(data)
    assert caught.value.limit == limit


def test_long_texts_meet_a_limit() -> None:
    """One text may not be longer than the limit, in either form."""
    limits = CredentialLimits(max_text_length=100)
    for data in (b'{"a": "' + b"x" * 101 + b'"}', b"<a>" + b"x" * 101 + b"</a>"):
        with pytest.raises(LimitExceeded, match="characters in one text"):
            detect_credential(data, limits=limits)


def test_messages_hold_nothing_of_the_content() -> None:
    """A message says what is wrong and where, never what stood there."""
    for data in (
        b"<a>Aino Virtanen</b>",
        b"<a>Aino Virtanen &aino; </a>",
        b"<a>Aino \xe9 Virtanen</a>",
        b'{"name": "Aino Virtanen" "x"}',
        b'{"name": "Aino Virtanen \xe9"}',
        b'{"name": "Aino Virtanen", "name": "Aino Virtanen"}',
    ):
        with pytest.raises(DocumentError) as caught:
            detect_credential(data)
        assert "aino" not in str(caught.value).lower()


@settings(max_examples=150)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes in, either it is described or a documented error says why not."""
    try:
        detect_credential(data)
    except DocumentError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100)
@given(_JSON)
def test_strict_json_reads_what_json_writes(value: object) -> None:
    """Being strict loses nothing: what json writes, and UTF-8 can, comes back the same."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    limits = CredentialLimits()
    try:
        assert read_json(data, "x", limits) == json.loads(text)
    except MalformedDocument as error:
        assert "no JSON" in str(error)  # noqa: PT017 - an infinite number, which json writes too


@settings(max_examples=100)
@given(_JSON, st.sampled_from([[V1], V1, [], None, 3]), st.sampled_from([["x"], "x", {}, None, 1]))
def test_any_json_around_a_credential(value: object, context: object, types: object) -> None:
    """Members of any type where a context, a type or a payload should stand are no surprise."""
    for document in (
        {"@context": context, "type": types, "proof": value},
        {"payload": value, "signatures": value},
        value,
    ):
        try:
            data = json.dumps(document).encode()
            detect_credential(data)
        except DocumentError as error:
            assert str(error)  # noqa: PT017 - either outcome is fine
