"""The database's backend: PostGIS, and no thread of a web process waits long for one that hangs."""
