"""The map: memories as points of a plane, near in the picture where they are near in meaning."""
