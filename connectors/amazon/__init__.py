"""Amazon, whose cloud runs agents and keeps what they remember."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="amazon",
    name="AWS",
    company="Amazon",
    docs_url="https://docs.aws.amazon.com/bedrock-agentcore/",
    code="AW",
    light="#8A5200",
    dark="#F0B25A",
    shape="diamond",
    group="service",
)
