//! The HTTP interface: one endpoint family a file, an OpenAPI document made from the routes.
