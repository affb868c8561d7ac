//! What tests share: servers on free ports, receivers, a clock moved by hand, API answers checked against the OpenAPI document.
