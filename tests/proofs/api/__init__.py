"""Requests made up from the OpenAPI document, sent as each role to each operation."""
