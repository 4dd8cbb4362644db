"""What the server says of itself: home, mapping, shapes, terms, OpenAPI, health, administration."""
