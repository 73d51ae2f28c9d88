"""video_ssl: self-supervision on driving videos, and a linear probe of what was learned."""
