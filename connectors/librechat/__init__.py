"""LibreChat, a chat page that people run themselves."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="librechat",
    name="LibreChat",
    company="LibreChat",
    docs_url="https://www.librechat.ai/docs/features/memory",
    code="LC",
    light="#1D6A92",
    dark="#79C2E8",
    shape="square",
)
