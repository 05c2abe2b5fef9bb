"""What Schemathesis makes up, by name: it tells more of its types than anybody here asks."""

from typing import Any, TypeAlias

from schemathesis import APIOperation, Case

AnyCase: TypeAlias = Case[Any]
AnyOperation: TypeAlias = APIOperation[Any, Any, Any, Any]
