//! Where a route of this protocol is behind the base URL.

use std::borrow::Cow;

use crate::dialect::{Target, path};

/// `/{route}`, unless the provider's file says otherwise.
pub fn path(route: &'static str, target: &Target<'_>) -> Cow<'static, str> {
    match &target.quirks.path {
        Some(template) => template.filled(route, &path::segment(target.upstream_id)).into(),
        None => format!("/{route}").into(),
    }
}
