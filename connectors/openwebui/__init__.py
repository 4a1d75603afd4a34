"""Open WebUI, a chat page that people run themselves."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="openwebui",
    name="Open WebUI",
    company="Open WebUI",
    docs_url="https://docs.openwebui.com/features/chat-conversations/memory",
    code="OW",
    light="#4A4F57",
    dark="#C3C9D1",
    shape="circle",
    export_steps=(
        "In Open WebUI, open Settings, then Data Controls (in older versions: Chats).",
        "Choose Export Chats and save the file.",
        "Upload the file here as it is. Memories are not in it: connect Open WebUI for those.",
    ),
)
