"""What every vendor shares: files, JSON, values that cross the line, the registry."""
