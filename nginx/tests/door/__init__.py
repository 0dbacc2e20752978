"""A real nginx with our files, and real upstreams behind it that say what reached them."""
