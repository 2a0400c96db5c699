//! Tests of all dialects.
