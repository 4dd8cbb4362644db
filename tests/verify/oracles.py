"""Other people's verifiers, each asked only whether the signature fits: not whom to trust."""

import base64
import json
import re
from datetime import datetime
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import common, jwk, jws
from lxml import etree
from signxml import SignatureConfiguration
from signxml.exceptions import SignXMLException
from signxml.verifier import XMLVerifier

from europass_ld.verify.jades import verify_compact, verify_jades
from europass_ld.verify.outcome import Rejection
from europass_ld.verify.policy import DEFAULT_POLICY
from europass_ld.verify.strict_json import expect_object, loads
from europass_ld.verify.xades import verify_xades

from .pki import SEALED
from .sealing import unb64url

_CERTIFICATE = ".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_SIGNATURE = ".//{http://www.w3.org/2000/09/xmldsig#}Signature"
_EXTENSIONS = ("sigT", "adoTst")
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384"]


def ours_xml(document: bytes) -> bool:
    """Tell whether our verifier finds the seal whole."""
    try:
        verify_xades(document, DEFAULT_POLICY)
    except Rejection:
        return False
    return True


def ours_json(document: bytes) -> bool:
    """Tell whether our verifier finds the seal whole."""
    try:
        if document.startswith(b"eyJ"):
            verify_compact(document, DEFAULT_POLICY)
        else:
            parsed = expect_object(loads(document, DEFAULT_POLICY), "it")
            verify_jades(parsed, DEFAULT_POLICY)
    except Rejection:
        return False
    return True


def _parser() -> Any:
    return etree.XMLParser(huge_tree=True, resolve_entities=False)


def signxml_accepts(
    document: bytes, certificate: x509.Certificate, when: datetime = SEALED
) -> bool:
    """Ask signxml, with the signer's certificate given to it."""
    config = SignatureConfiguration(expect_references=2, verification_time=when, location=".//")
    try:
        XMLVerifier().verify(
            document,
            x509_cert=certificate,
            id_attribute="Id",
            parser=_parser(),
            expect_config=config,
            validate_schema=False,
        )
    except (SignXMLException, etree.LxmlError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return True


def xmlsec_accepts(document: bytes) -> bool:
    """Ask xmlsec, with the certificate that the document carries."""
    try:
        root = etree.fromstring(document, _parser())
        text = root.find(_CERTIFICATE).text
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        der = base64.b64decode(re.sub(r"\s", "", text))
        context.key = xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
        context.verify(root.find(_SIGNATURE))
    except (xmlsec.Error, etree.LxmlError, ValueError, AttributeError, TypeError):
        return False
    return True


def jwcrypto_accepts(document: bytes, pinned: x509.Certificate) -> bool:
    """Ask jwcrypto, with JAdES's extensions made known to it.

    It gets the key of the certificate that the document carries first, else the `pinned` one.
    """
    registry = {
        name: common.JWSEHeaderParameter(name, mustprotect=True, supported=True, check_fn=None)
        for name in _EXTENSIONS
    }
    try:
        asked = jws.JWS(header_registry=registry)
        asked.allowed_algs = ALGORITHMS
        asked.deserialize(document.decode())
        asked.verify(_key(document) or _jwk(pinned))
    except (common.JWException, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _jwk(certificate: x509.Certificate) -> jwk.JWK:
    key = certificate.public_key()
    return jwk.JWK.from_pem(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _key(document: bytes) -> jwk.JWK | None:
    try:
        if document.startswith(b"eyJ"):
            protected = document.decode().partition(".")[0]
        else:
            protected = json.loads(document)["signatures"][0]["protected"]
        der = base64.b64decode(json.loads(unb64url(protected))["x5c"][0])
        return _jwk(x509.load_der_x509_certificate(der))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
