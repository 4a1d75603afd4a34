"""Connections as their owner has them, when they run, the way to the vendor, and receipts."""
