//! Google's token counts as ours: thoughts are part of the completion, results of Google's own tools part of the prompt.

use domain::Usage;
use serde::Deserialize;

/// `usageMetadata`: running totals, in each chunk.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct UsageMetadata {
    /// Cached ones included.
    prompt_token_count: Option<u64>,
    /// Thoughts not included.
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    prompt_tokens_details: Vec<ModalityCount>,
    cache_tokens_details: Vec<ModalityCount>,
    candidates_tokens_details: Vec<ModalityCount>,
    tool_use_prompt_tokens_details: Vec<ModalityCount>,
    /// Of the Gemini API.
    service_tier: Option<String>,
    /// Of Vertex AI.
    traffic_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModalityCount {
    #[serde(default)]
    modality: String,
    #[serde(default)]
    token_count: u64,
}

impl UsageMetadata {
    /// The tier that served, in the words of requests.
    pub fn tier(&self) -> Option<String> {
        let by_traffic = match self.traffic_type.as_deref() {
            Some("ON_DEMAND_PRIORITY") => Some("priority".to_owned()),
            Some("ON_DEMAND_FLEX") => Some("flex".to_owned()),
            _ => None,
        };
        self.service_tier.as_ref().map(|tier| tier.to_ascii_lowercase()).or(by_traffic)
    }

    /// Nothing counted is not the same as free: `None`.
    pub fn total(&self, web_searches: u64) -> Option<Usage> {
        let count = |count: Option<u64>| count.unwrap_or_default();
        let prompt = count(self.prompt_token_count).saturating_add(count(self.tool_use_prompt_token_count));
        let reasoning = count(self.thoughts_token_count);
        let completion = count(self.candidates_token_count).saturating_add(reasoning);
        let perceived = |modality| {
            of(modality, &self.prompt_tokens_details).saturating_add(of(modality, &self.tool_use_prompt_tokens_details))
        };
        (prompt > 0 || completion > 0).then(|| Usage {
            prompt,
            completion,
            cache_read: count(self.cached_content_token_count),
            audio_in: perceived("AUDIO"),
            image_in: perceived("IMAGE"),
            video_in: perceived("VIDEO"),
            audio_cache_read: of("AUDIO", &self.cache_tokens_details),
            image_cache_read: of("IMAGE", &self.cache_tokens_details),
            reasoning,
            audio_out: of("AUDIO", &self.candidates_tokens_details),
            image_out: of("IMAGE", &self.candidates_tokens_details),
            web_searches,
            ..Usage::default()
        })
    }
}

fn of(modality: &str, details: &[ModalityCount]) -> u64 {
    details.iter().filter(|detail| detail.modality == modality).map(|detail| detail.token_count).sum()
}
