"""Where a memory belongs: sensitive matters, the owner's rules, meaning. No Django, no keys."""
