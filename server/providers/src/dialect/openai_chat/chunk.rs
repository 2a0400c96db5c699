//! A piece of an answer as the wire has it: one `chat.completion.chunk`, or a whole answer in its place.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::calls::CallDelta;

/// Fields that hosts fill with different types are kept raw and read leniently; those needed once are not copied per chunk.
#[derive(Deserialize)]
pub struct Chunk<'a> {
    #[serde(default, borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub model: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub system_fingerprint: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub service_tier: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub choices: Option<Vec<Choice<'a>>>,
    #[serde(default, borrow)]
    pub usage: Option<&'a RawValue>,
    /// Groq's own fields: it tells the usage of a stream there too.
    #[serde(default, borrow)]
    pub x_groq: Option<VendorFields<'a>>,
    #[serde(default, borrow)]
    pub error: Option<&'a RawValue>,
    /// MiniMax's verdict: its status is 200 whatever happens.
    #[serde(default)]
    pub base_resp: Option<Verdict>,
    /// `error` where the whole chunk is one.
    #[serde(default, borrow)]
    pub object: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Verdict {
    #[serde(default)]
    pub status_code: i64,
}

#[derive(Deserialize)]
pub struct VendorFields<'a> {
    #[serde(default, borrow)]
    pub usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Choice<'a> {
    #[serde(default)]
    pub index: Option<u32>,
    #[serde(default, borrow)]
    pub delta: Option<Delta<'a>>,
    /// In place of `delta` where the host answers in one piece although a stream was asked for.
    #[serde(default, borrow)]
    pub message: Option<Delta<'a>>,
    #[serde(default, borrow)]
    pub finish_reason: Option<&'a RawValue>,
    /// The model's own word, at hosts that are routers themselves.
    #[serde(default, borrow)]
    pub native_finish_reason: Option<&'a RawValue>,
    #[serde(default)]
    pub logprobs: Option<Value>,
    #[serde(default, borrow)]
    pub usage: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Delta<'a> {
    #[serde(default, borrow)]
    pub content: Option<&'a RawValue>,
    #[serde(default)]
    pub refusal: Option<String>,
    #[serde(default)]
    pub reasoning_content: Option<String>,
    #[serde(default, borrow)]
    pub reasoning: Option<&'a RawValue>,
    #[serde(default)]
    pub reasoning_details: Option<Vec<Value>>,
    #[serde(default, borrow)]
    pub tool_calls: Option<Vec<CallDelta<'a>>>,
    #[serde(default)]
    pub annotations: Option<Vec<Value>>,
    #[serde(default)]
    pub images: Option<Vec<Image>>,
    #[serde(default)]
    pub audio: Option<Audio>,
}

/// A drawn picture, as OpenRouter and hosts like it stream them.
#[derive(Deserialize)]
pub struct Image {
    pub image_url: ImageUrl,
}

#[derive(Deserialize)]
pub struct ImageUrl {
    pub url: String,
}

#[derive(Deserialize)]
pub struct Audio {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub data: Option<String>,
    #[serde(default)]
    pub transcript: Option<String>,
    #[serde(default)]
    pub expires_at: Option<i64>,
}
