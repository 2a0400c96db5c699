//! Why an endpoint was left out of a plan, in a sentence.

/// A reason of `error.availability.excluded_by` and its kin, in words. Unknown ones are shown as they are.
pub fn sentence(reason: &str) -> String {
    let known = match reason {
        "allowed_providers" => "Not among the providers the request allows.",
        "ignored_providers" => "The request asks to ignore this provider.",
        "context_length" => "The prompt and the answer do not fit its context.",
        "data_policy:training" => "It may train on prompts, which the request forbids.",
        "data_policy:zdr" => "It may keep prompts, which the request forbids.",
        "data_region" | "geo" => "It does not serve this region.",
        "max_price" => "Its price is above the request's ceiling.",
        "modality" => "It does not take or give this kind of content.",
        "price_unknown" => "Its price is not known, so it takes no paid requests.",
        "provider_key" => "This server has no key for the provider.",
        "quantization" => "Its quantization is not among those the request allows.",
        "require_parameters" => "It does not support a parameter of the request.",
        "retired" => "The provider has retired it.",
        other => return format!("Left out: {}.", other.replace(['_', ':'], " ")),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn every_reason_is_a_sentence_known_or_not() {
        assert_eq!(sentence("provider_key"), "This server has no key for the provider.");
        assert_eq!(sentence("some:new_thing"), "Left out: some new thing.");
    }
}
