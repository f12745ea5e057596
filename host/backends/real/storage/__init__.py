"""Storage through its own tools: thin typed wrappers, one file for each tool."""
