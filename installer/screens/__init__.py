"""What the consoles show: questions, progress, and how it ended. They speak to the engine only."""
