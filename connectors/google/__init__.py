"""Google, whose assistant people know as Gemini."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="google",
    name="Gemini",
    company="Google",
    docs_url="https://support.google.com/gemini/answer/13278892",
    code="GE",
    light="#2F5FD0",
    dark="#8FB0FF",
    shape="triangle",
    without_api="It can read and add live where custom apps are offered: so far in few countries.",
    export_steps=(
        "Open takeout.google.com and choose Deselect all.",
        "Tick My Activity. Under All activity data included, keep only Gemini Apps; "
        "under Multiple formats, set Activity records to JSON.",
        "Tick Gemini as well, for your Gems.",
        "Create the export, wait for the mail and download the zip.",
        "Upload the zip here as it is.",
        "Prompts of AI Studio lie in Drive, in the folder Google AI Studio: download it as a zip.",
        "For Gemini CLI, zip the folder .gemini of your home folder and upload that. Of what its "
        "tools saw, nothing is read.",
    ),
)
