"""Archives and loose files in: uploaded, recognised, previewed in piles, written, or taken back."""
