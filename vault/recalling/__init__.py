"""What a model should know: what is found and what always stands, as text for a prompt."""
