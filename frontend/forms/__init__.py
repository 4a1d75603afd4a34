"""Forms: their labels and help are what the person reads; the vault checks."""
