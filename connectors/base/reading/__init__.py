"""What readers of archives share: files and zips, JSON, tables, HTML, threads."""
