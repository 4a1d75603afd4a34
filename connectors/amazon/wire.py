"""AWS's own description of its API at work: makes, signs and reads requests, and sends none.

Needs the optional extra `amazon`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ParamValidationError
from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import ResponseParserError, create_parser
from botocore.serialize import create_serializer

from connectors.base.errors import BadResponse, Rejected

_SERVICE = "bedrock-agentcore"


@dataclass(frozen=True)
class Signer:
    """Whose requests they are, and where they go. `token` is "" for keys that last."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    region: str

    @property
    def address(self) -> str:
        return f"https://{_SERVICE}.{self.region}.amazonaws.com"

    def signed(self, operation: str, **given: Any) -> AWSRequest:
        """The request of an `operation`, as it must be sent: any change of it voids its signature.
        Rejected when AWS's own model of it says that it cannot be accepted."""
        model = _service().operation_model(operation)
        serializer = create_serializer(_service().metadata["protocol"], include_validation=True)
        try:
            made = serializer.serialize_to_request(given, model)
        except ParamValidationError:
            raise Rejected("AWS does not take a memory like this.") from None  # it quotes the text
        url = self.address + made["url_path"]
        request = AWSRequest(made["method"], url, made["headers"], made["body"] or b"")
        credentials = Credentials(self.key_id, self.secret, self.token or None)
        SigV4Auth(credentials, _SERVICE, self.region).add_auth(request)
        return request


def parsed(
    operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> Mapping[str, Any]:
    """What an answer says, with times as datetimes; what AWS has to say is in it, if it came."""
    model: OperationModel = _service().operation_model(operation)
    parser = create_parser(_service().metadata["protocol"])
    answer = {"status_code": status, "headers": headers, "body": body}
    try:
        found: Mapping[str, Any] = parser.parse(answer, model.output_shape)
    except ResponseParserError as error:
        raise BadResponse("AWS answered in a form that is not known.") from error
    return found


@cache
def _service() -> ServiceModel:
    return ServiceModel(create_loader().load_service_model(_SERVICE, "service-2"), _SERVICE)
