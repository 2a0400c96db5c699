use canon::fold::Finish;
use canon::{ErrorKind, FinishReason, UpstreamError};
use domain::{GenerationId, GenerationState, NanoUsd, Usage};
use gateway::attempt::Trail;
use gateway::deliver::Delivered;
use gateway::hold::Held;
use gateway::plan::plan;
use gateway::ports::{Hold, Settlement};
use gateway::settle::{Answer, Outcome, settlement};
use serde_json::json;

use crate::fixture::{NOW, admitted, snapshot};

/// Settles what was delivered by the cheap endpoint of acme/talker: $1 and $2 per million tokens.
fn settled(delivered: Option<Delivered>, error: Option<UpstreamError>) -> Settlement {
    let prompt = "x".repeat(400);
    let admitted = admitted(json!({"model": "acme/talker", "messages": [{"role": "user", "content": prompt}]}));
    let plan = plan(&admitted.call, &snapshot(), NOW).unwrap();
    let id = GenerationId::from_uuid_bytes([2; 16]);
    let answer =
        delivered.map(|delivered| Answer { candidate: plan.candidates[0].clone(), first_token_ms: 5, delivered });
    let held = Held { plan, hold: Hold { generation: id.clone(), amount: NanoUsd(5_000_000) } };
    settlement(Outcome { id, trail: Trail::new(admitted.stopwatch), admitted, held, answer, error })
}

fn finished(completion: u64) -> Delivered {
    let finish = Finish { reason: FinishReason::Stop, native: "stop".to_owned(), stop_sequence: None };
    Delivered {
        finishes: [(0, finish)].into(),
        usage: Some(Usage { prompt: 120, completion, ..Usage::default() }),
        completion_bytes: completion * 4,
        ..Delivered::default()
    }
}

fn broken() -> Option<UpstreamError> {
    Some(UpstreamError::new(ErrorKind::ProviderUnavailable, "broke off"))
}

#[test]
fn an_answer_that_ended_is_billed_by_the_providers_count() {
    let s = settled(Some(finished(10)), None);
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Completed, NanoUsd(140_000)));
    assert!(!s.generation.usage.estimated);
}

#[test]
fn an_answer_that_broke_off_is_billed_for_what_was_delivered() {
    let s = settled(Some(Delivered { completion_bytes: 41, error: broken(), ..Delivered::default() }), None);
    // 400 bytes of prompt are 100 tokens, 41 delivered bytes 10.
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Failed, NanoUsd(120_000)));
    assert!(s.generation.usage.estimated);
}

#[test]
fn a_client_that_hung_up_pays_for_what_was_delivered() {
    let s = settled(Some(Delivered { completion_bytes: 40, client_gone: true, ..Delivered::default() }), None);
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Cancelled, NanoUsd(120_000)));
}

#[test]
fn no_content_and_no_proper_end_cost_nothing() {
    for delivered in [
        Delivered { error: broken(), ..Delivered::default() },
        Delivered { client_gone: true, ..Delivered::default() },
        Delivered { error: broken(), usage: Some(Usage { prompt: 120, ..Usage::default() }), ..Delivered::default() },
    ] {
        let s = settled(Some(delivered), None);
        assert_eq!(s.generation.cost.total, NanoUsd::ZERO);
    }
    let s = settled(None, broken());
    assert_eq!((s.generation.state, s.generation.cost.total), (GenerationState::Failed, NanoUsd::ZERO));
    assert_eq!(settled(None, None).generation.state, GenerationState::Cancelled);
}
