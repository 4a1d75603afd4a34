"""Long work on what is there: embedding, another search model, new keys, deletions."""
