"""The pages of flexVDI Config, a module each (see config_tui.page)."""
