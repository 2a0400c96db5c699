use canon::fold::Finish;
use canon::{ErrorKind, FinishReason, UpstreamError};
use domain::{GenerationId, GenerationState, NanoUsd, Tokenizer, Usage};
use gateway::attempt::Trail;
use gateway::deliver::Delivered;
use gateway::estimate::Transcript;
use gateway::hold::Held;
use gateway::plan::plan;
use gateway::ports::{Hold, Settlement};
use gateway::settle::{Answer, Outcome, settlement};
use gateway::tally::tally;
use serde_json::json;

use crate::fixture::{NOW, admitted, snapshot};

/// Settles what was delivered by the cheap endpoint of acme/talker: $1 and $2 per million tokens.
async fn settled(delivered: Option<Delivered>, error: Option<UpstreamError>) -> Settlement {
    let prompt = "one two three four five";
    let admitted = admitted(json!({"model": "acme/talker", "messages": [{"role": "user", "content": prompt}]}));
    let plan = plan(&admitted.call, &snapshot(), NOW).unwrap();
    let id = GenerationId::from_uuid_bytes([2; 16]);
    let answer = match delivered {
        None => None,
        Some(delivered) => {
            let usage = tally(&delivered, &admitted.call.task).await;
            Some(Answer { candidate: plan.candidates[0].clone(), first_token_ms: 5, delivered, usage })
        }
    };
    let held = Held { plan, hold: Hold { generation: id.clone(), amount: NanoUsd(5_000_000) } };
    settlement(Outcome { id, trail: Trail::new(admitted.stopwatch), admitted, held, answer, error })
}

fn finished(completion: u64) -> Delivered {
    let finish = Finish { reason: FinishReason::Stop, native: "stop".to_owned(), stop_sequence: None };
    Delivered {
        finishes: [(0, finish)].into(),
        usage: Some(Usage { prompt: 120, completion, ..Usage::default() }),
        transcript: Transcript::of(&"word ".repeat(completion as usize)),
        ..Delivered::default()
    }
}

fn broken() -> Option<UpstreamError> {
    Some(UpstreamError::new(ErrorKind::ProviderUnavailable, "broke off"))
}

/// "a b c" is three tokens of the tokenizer.
fn said() -> Transcript {
    Transcript::of("a b c")
}

#[tokio::test]
async fn an_answer_that_ended_is_billed_by_the_providers_count() {
    let s = settled(Some(finished(10)), None).await;
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Completed, NanoUsd(140_000)));
    assert!(!s.generation.usage.estimated);
    assert_eq!(s.generation.usage.tokenizer, None);
}

#[tokio::test]
async fn an_answer_that_broke_off_is_billed_for_the_prompt_and_what_was_delivered_by_our_count() {
    let s = settled(Some(Delivered { transcript: said(), error: broken(), ..Delivered::default() }), None).await;
    // Five tokens of prompt at $1 per million, three delivered at $2.
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Failed, NanoUsd(11_000)));
    assert_eq!((s.generation.usage.prompt, s.generation.usage.completion), (5, 3));
    assert!(s.generation.usage.estimated);
    assert_eq!(s.generation.usage.tokenizer.map(Tokenizer::name), Some("o200k_base"));
}

#[tokio::test]
async fn what_the_provider_had_counted_of_the_prompt_before_it_broke_off_stands() {
    let told = Usage { prompt: 1_000, cache_read: 900, completion: 1, ..Usage::default() };
    let broken_off =
        Delivered { transcript: said(), error: broken(), usage_so_far: Some(told), ..Delivered::default() };
    let usage = settled(Some(broken_off), None).await.generation.usage;
    assert_eq!((usage.prompt, usage.cache_read, usage.completion, usage.estimated), (1_000, 900, 3, true));
}

#[tokio::test]
async fn a_client_that_hung_up_pays_for_what_was_delivered() {
    let s = settled(Some(Delivered { transcript: said(), client_gone: true, ..Delivered::default() }), None).await;
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Cancelled, NanoUsd(11_000)));
}

#[tokio::test]
async fn a_client_that_hung_up_pays_all_that_its_provider_bills_regardless() {
    let drained = Delivered { transcript: said(), client_gone: true, ..finished(10) };
    let s = settled(Some(drained), None).await;
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Cancelled, NanoUsd(140_000)));
    // The same where it left before the first token.
    let unheard = Delivered { transcript: Transcript::default(), client_gone: true, ..finished(10) };
    assert_eq!(settled(Some(unheard), None).await.generation.cost.total, NanoUsd(140_000));
}

#[tokio::test]
async fn no_content_and_no_proper_end_cost_nothing() {
    for delivered in [
        Delivered { error: broken(), ..Delivered::default() },
        Delivered { client_gone: true, ..Delivered::default() },
        Delivered { error: broken(), usage: Some(Usage { prompt: 120, ..Usage::default() }), ..Delivered::default() },
        Delivered {
            error: broken(),
            usage_so_far: Some(Usage { prompt: 9, ..Usage::default() }),
            ..Delivered::default()
        },
    ] {
        let s = settled(Some(delivered), None).await;
        assert_eq!(s.generation.cost.total, NanoUsd::ZERO);
    }
    let s = settled(None, broken()).await;
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Failed, NanoUsd::ZERO));
    assert_eq!(settled(None, None).await.generation.state, GenerationState::Cancelled);
}
