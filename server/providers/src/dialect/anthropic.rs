//! Skeleton: filled next.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use canon::{Event, Request, UpstreamError, sse::Frame};

use super::{EncodeError, Encoded, Reading, Target, body::Body};

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let body = Body::new(request, target).finish()?;
    Ok(Encoded { path: "/".into(), headers: Vec::new(), body, reading: Reading::default() })
}

#[derive(Debug, Default)]
pub struct Decoder {}

impl Decoder {
    pub fn new(_reading: Reading) -> Self { Self {} }
    pub fn end(&mut self) -> Result<(), UpstreamError> { Err(super::cut_off()) }
    pub fn read(&mut self, _frame: Frame<'_>, _out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        Ok(ControlFlow::Continue(()))
    }
}
