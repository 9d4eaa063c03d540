"""What a sentence is checked for against one statement of a source, one small module a check."""
