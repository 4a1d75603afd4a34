"""The access log: who saw what, chained so that no line can go missing."""
