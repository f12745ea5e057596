"""Carries out an InstallPlan on bare metal, attended or not."""
