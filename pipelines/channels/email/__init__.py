"""Mail: read under caps, told from machine mail, composed and sent."""
