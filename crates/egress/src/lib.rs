//! The one client for every outgoing request, with the SSRF rules.
