"""What waits for the owner's word: suggestions, held memories, pairs, misplaced ones."""
