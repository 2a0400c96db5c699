//! Server-sent events, as bytes in and frames out, and back.
