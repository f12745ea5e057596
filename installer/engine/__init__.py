"""The engine: walks named steps, keeps the journal, tells its clients what happens."""
