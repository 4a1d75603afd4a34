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
    export_steps=(
        "In LibreChat, open a conversation and choose Export conversation.",
        "Choose the type json, and tick that all branches are included.",
        "Repeat it for each conversation you want to keep, and upload the files, several at once "
        "or in one zip. Memories are not in them: connect LibreChat for those.",
    ),
)
