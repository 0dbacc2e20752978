"""The same job under other models, on other servers, in other frameworks: the tables, and where they run."""
