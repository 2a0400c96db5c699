//! Says how many tokens an answer took: as its provider counted them, else as we do.

use canon::Task;
use domain::{Tokenizer, Usage};

use crate::deliver::Delivered;
use crate::estimate::{count_answer, count_prompt};

/// The usage that is booked.
///
/// A provider that died midway may have told of the prompt before: that part is its own, and no cached token of it becomes a
/// dear one. The completion is counted from what was delivered, never more. Where nothing was delivered nothing is counted,
/// since nothing is charged.
pub async fn tally(delivered: &Delivered, task: &Task) -> Usage {
    if let Some(usage) = delivered.usage {
        return usage;
    }
    let told = delivered.usage_so_far.unwrap_or_default();
    if !delivered.has_content() {
        return told;
    }
    let prompt = if told.prompt > 0 { told.prompt } else { count_prompt(task).await };
    let answer = count_answer(delivered.transcript.clone()).await;
    Usage {
        prompt,
        completion: answer.completion,
        reasoning: answer.reasoning,
        audio_out: 0,
        image_out: 0,
        accepted_prediction: 0,
        rejected_prediction: 0,
        estimated: true,
        tokenizer: Some(Tokenizer::CURRENT),
        ..told
    }
}
