"""What customers and programs fill in: the report form, their own pages and multipart posts to the API."""
