//! Which policies and bindings apply to a request.
