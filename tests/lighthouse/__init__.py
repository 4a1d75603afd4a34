"""The pages measured by Lighthouse, as a phone of middling speed sees them."""
