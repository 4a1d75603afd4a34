"""Placeholder until uploads are sealed: keeps nothing on disk."""

from django.core.files.uploadhandler import MemoryFileUploadHandler


class SealedUploadHandler(MemoryFileUploadHandler):
    pass
