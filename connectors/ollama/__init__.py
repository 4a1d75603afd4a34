"""Ollama, which runs open models on one's own machine."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="ollama",
    name="Ollama",
    company="Ollama",
    docs_url="https://docs.ollama.com/modelfile",
    code="OL",
    light="#3D5A80",
    dark="#9DB8DC",
    shape="circle",
    group="service",
)
