//! Google's generateContent, as the Gemini API and Vertex AI have it.
//!
//! Written after the pages "Generating content" (reference), "Function calling", "Structured outputs", "Thinking", "Thought
//! signatures", "Image generation", "Embeddings", "Media resolution" and "Troubleshooting" of the Gemini API's documentation, the
//! reference of Vertex AI, and the types and converters of Google's Python SDK (`google-genai`).
//!
//! Choices made here:
//! - Schemas go as they are (`parametersJsonSchema`, `responseJsonSchema`): what of JSON Schema the model cannot keep, Google
//!   passes over itself.
//! - A model whose efforts the catalog knows is told a `thinkingLevel`, any other a `thinkingBudget`. The former are also those
//!   that take structured output beside tools, media within a tool's result, and that insist on thought signatures.
//! - For the others, structured output beside tools goes by a tool that the model must call, whose arguments become the text.
//! - A thought signature is kept where it was: on a thought as the signature of its text, on a tool call as an encrypted block
//!   with the call's id, on a picture as one with the picture's number, on the answer's text as one without id.
//! - A call from elsewhere has no signature of Google's; Google documents a word to send in its place.

mod config;
mod content;
mod decode;
pub mod embed;
mod encode;
mod grounding;
mod logprobs;
mod part;
mod signature;
mod thinking;
mod usage;

pub use decode::Decoder;
pub use encode::encode;

use std::borrow::Cow;

use super::path::segment;

/// How blocks of reasoning from this wire are marked, so that they find back to it.
const REASONING_FORMAT: &str = "google-gemini-v1";

/// Which of the two services speaks: their bodies are the same, their addresses are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The Gemini API of AI Studio.
    GeminiApi,
    /// Below `projects/{project}/locations/{location}`.
    Vertex,
}

impl Service {
    /// The path of `method` of a model; an id with a slash is a resource of its own, such as a tuned model.
    fn path(self, upstream_id: &str, method: &str) -> Cow<'static, str> {
        let resource = match self {
            _ if upstream_id.contains('/') => upstream_id.split('/').map(segment).collect::<Vec<_>>().join("/"),
            Self::GeminiApi => format!("models/{}", segment(upstream_id)),
            Self::Vertex => format!("publishers/google/models/{}", segment(upstream_id)),
        };
        Cow::Owned(format!("/{resource}:{method}"))
    }
}

/// The address of Vertex AI whose location has been filled in: hosts of the global location and of the multi-regions are named
/// otherwise than those of regions ("Locations" of Vertex AI's documentation).
pub fn vertex_address(base_url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = base_url.split_once("://") else { return Cow::Borrowed(base_url) };
    let Some((location, rest)) = rest.split_once("-aiplatform.googleapis.com") else { return Cow::Borrowed(base_url) };
    match location {
        "global" => Cow::Owned(format!("{scheme}://aiplatform.googleapis.com{rest}")),
        "us" | "eu" => Cow::Owned(format!("{scheme}://aiplatform.{location}.rep.googleapis.com{rest}")),
        _ => Cow::Borrowed(base_url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_a_resource_of_its_service() {
        let method = "generateContent";
        assert_eq!(Service::GeminiApi.path("gemini-x", method), "/models/gemini-x:generateContent");
        assert_eq!(Service::GeminiApi.path("tunedModels/mine", method), "/tunedModels/mine:generateContent");
        assert_eq!(Service::Vertex.path("a?b=1", method), "/publishers/google/models/a%3Fb%3D1:generateContent");
    }

    #[test]
    fn hosts_are_named_by_location() {
        let address = |location: &str| {
            let url = format!("https://{location}-aiplatform.googleapis.com/v1/projects/p/locations/{location}");
            vertex_address(&url).into_owned()
        };
        let path = "/v1/projects/p/locations";
        assert_eq!(
            address("europe-west4"),
            format!("https://europe-west4-aiplatform.googleapis.com{path}/europe-west4")
        );
        assert_eq!(address("global"), format!("https://aiplatform.googleapis.com{path}/global"));
        assert_eq!(address("eu"), format!("https://aiplatform.eu.rep.googleapis.com{path}/eu"));
    }
}
