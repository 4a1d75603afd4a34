"""/mcp and the authorization server before referees and clients that others wrote."""
