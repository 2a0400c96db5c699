//! Whose own parameters a model takes beside the protocol's: told by the vendor's part of its id.

/// Those that have parameters we can ask for; a model of any other vendor is asked for nothing of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `thinking`, `top_k`: as in the Messages API.
    Claude,
    /// `reasoningConfig` (from the second generation on), `inferenceConfig.topK`.
    Nova,
    /// `reasoning_effort`.
    Effort,
    Other,
}

impl Family {
    /// By an id such as `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, or the ARN of a model or a profile that ends in one.
    pub fn of(model_id: &str) -> Self {
        let name = model_id.rsplit('/').next().unwrap_or(model_id);
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            match (part, parts.peek()) {
                ("anthropic", _) => return Self::Claude,
                ("amazon", Some(model)) if model.starts_with("nova") => return Self::Nova,
                ("openai", _) => return Self::Effort,
                _ => {}
            }
        }
        Self::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_told_by_the_vendors_part_of_the_id() {
        for (id, family) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", Family::Claude),
            ("us.anthropic.claude-opus-4-6-v1", Family::Claude),
            ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-7", Family::Claude),
            ("global.amazon.nova-2-lite-v1:0", Family::Nova),
            ("amazon.nova-lite-v1:0", Family::Nova),
            ("openai.gpt-oss-120b-1:0", Family::Effort),
            ("deepseek.v3-v1:0", Family::Other),
            ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", Family::Other),
        ] {
            assert_eq!(Family::of(id), family, "{id}");
        }
    }
}
