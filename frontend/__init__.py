"""The web interface: pages for the owner of a vault. Thin: everything is asked of the layers below."""
