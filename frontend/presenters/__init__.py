"""What a page shows, made from what the layers below say."""
