"""Who may do what: administrators, roles, sessions, API tokens, second factors, limits."""
