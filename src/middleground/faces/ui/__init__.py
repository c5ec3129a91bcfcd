"""The look and feel of every page: base templates, style sheets, icons and the `ui` template tags."""
