"""Where the answers come from: the places Anaconda looks for a kickstart at, and fetching it."""
