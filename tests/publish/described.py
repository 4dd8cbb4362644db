"""Check JSON against the schemas of our own OpenAPI description."""

from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator


def check(client: FlaskClient, schema: str, value: Any) -> None:
    """Check that a value is as the component `schema` says.

    Raises:
        jsonschema.ValidationError: it is not.
    """
    document = client.get("/openapi.json").json
    assert document is not None
    assert schema in document["components"]["schemas"]
    validator = Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )
    validator.validate(value)
