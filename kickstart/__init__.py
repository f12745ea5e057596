"""The answers: kickstart templates, rendering them, and reading a kickstart into an InstallPlan."""
