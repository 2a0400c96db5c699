//! Google's two doors to the same models, and the words in which they differ.

/// Most tokens of a prompt.
pub(super) const CONTEXT: u32 = 1_048_576;

/// Which of Google's doors a request comes through. They take the same bodies, but for a few fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// The Gemini API: `generativelanguage.googleapis.com`, by API key.
    Gemini,
    /// Vertex AI: `aiplatform.googleapis.com`, by access token, or by API key in express mode.
    Vertex,
}

impl Door {
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Vertex => "vertex",
        }
    }

    /// What it says of a call that came back without its signature in this content, counted from 1.
    pub fn unsigned(self, name: &str, position: usize) -> String {
        match self {
            Self::Gemini => format!(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and \
                 missing thought_signature may lead to degraded model performance. Additional data, function call \
                 `default_api:{name}` , position {position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures \
                 for more details."
            ),
            Self::Vertex => format!(
                "Unable to submit request because function call `{name}` in the {position}. content block is missing a \
                 `thought_signature`. Learn more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures"
            ),
        }
    }

    /// What it says of a signature that is none of its own, or of another call.
    pub fn corrupted(self) -> &'static str {
        match self {
            Self::Gemini => "Corrupted thought signature.",
            Self::Vertex => {
                "Unable to submit request because Thought signature is not valid. Learn more: \
                 https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
            }
        }
    }

    /// What it says of a prompt of so many tokens.
    pub fn too_long(self, tokens: u32) -> String {
        match self {
            Self::Gemini => {
                format!("The input token count ({tokens}) exceeds the maximum number of tokens allowed ({CONTEXT}).")
            }
            Self::Vertex => format!(
                "Unable to submit request because the input token count is {tokens} but model only supports up to {CONTEXT}. Reduce the \
                 input token count and try again. You can also use the CountTokens API to calculate prompt token count and billable \
                 characters. Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
            ),
        }
    }
}
