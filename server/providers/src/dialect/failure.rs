//! Reads what went wrong out of a provider's error.

use canon::{ErrorKind, UpstreamError};
use http::{HeaderMap, StatusCode};

use crate::catalog::Dialect;

pub fn read(_dialect: Dialect, status: StatusCode, _headers: &HeaderMap, _body: &[u8]) -> UpstreamError {
    UpstreamError { status: Some(status.as_u16()), ..UpstreamError::new(ErrorKind::Unmapped, "The provider refused.") }
}
