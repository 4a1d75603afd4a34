"""Cursor, an editor with an agent in it."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="cursor",
    name="Cursor",
    company="Anysphere",
    docs_url="https://cursor.com/docs/context/rules",
    code="CU",
    light="#3D4652",
    dark="#B9C4D2",
    shape="triangle",
    group="agent",
    without_api="Its rules are files: no API reaches what it remembers.",
    export_steps=(
        "For rules: zip the folder .cursor/rules of your project, or take one .mdc file.",
        "For chats, as far as is known: close Cursor and find the file state.vscdb in its folder "
        "User/globalStorage (on a Mac in Library/Application Support/Cursor, on Windows in "
        "AppData/Roaming/Cursor, on Linux in .config/Cursor).",
        "Zip that file and upload the zip. It can be read up to 128 MB unpacked.",
    ),
)
