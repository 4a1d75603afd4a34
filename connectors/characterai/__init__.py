"""Character.AI, where people talk to characters that others made."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="characterai",
    name="Character.AI",
    company="Character Technologies",
    docs_url="https://support.character.ai/hc/en-us",
    code="CA",
    light="#74511E",
    dark="#DDB878",
    shape="cross",
    without_api="It has no API, and no connectors.",
    export_steps=(
        "In Character.AI, open Settings and look for the download of your data; as far as is "
        "known, a zip comes by mail.",
        "What is in that zip is not documented: upload it, and you are told what could be read.",
        "Files saved with browser extensions such as CAI Tools can be uploaded as well: "
        "its dump of all chats with a character, or the messages of one chat.",
    ),
)
