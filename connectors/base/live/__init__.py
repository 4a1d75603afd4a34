"""What connectors to live memory APIs share: requests, paging, sign-in, marks."""
