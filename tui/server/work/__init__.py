"""The embedded library, and the part of the iManage Work REST API v2 that it implements."""
