"""What must be there, as it was left: manifests, and going on when something is not."""
