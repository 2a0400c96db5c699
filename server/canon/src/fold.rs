//! Gathers a stream of events into the answer it amounts to: what a client gets that did not ask for a stream.
