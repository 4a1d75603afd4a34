"""LangGraph, whose agents remember in a store of documents."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="langgraph",
    name="LangGraph",
    company="LangChain",
    docs_url="https://docs.langchain.com/oss/python/langgraph/memory",
    code="LG",
    light="#1F6B6B",
    dark="#6CC8C8",
    shape="triangle",
    group="service",
)
