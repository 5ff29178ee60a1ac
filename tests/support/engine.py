"""Our AWS client on the engine of a local stack."""

from daycover.platform.config import AwsAccess
from daycover.store.aws import AwsClient
from tests.devstack.stack import Stack


def client_on(stack: Stack, service: str) -> AwsClient:
    """A client of a local stack's AWS; its credentials open nothing else."""
    access = AwsAccess(
        region=stack.region,
        key_id="test",
        secret_key="test",
        session_token=None,
        endpoints={"": stack.engine_url},
    )
    return AwsClient(service, access)
