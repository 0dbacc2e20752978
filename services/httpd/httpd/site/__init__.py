"""What a framework is, and a site made with it: routes, pages, static files, the demo handlers."""
