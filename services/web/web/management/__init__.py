"""Django looks here for the site's own commands."""
