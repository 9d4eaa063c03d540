"""What keeps the documents on this machine."""
