//! Counts tokens on threads that may block, a few texts at a time.

use canon::Task;
use domain::Tokenizer;
use tokio::sync::Semaphore;

use super::texts::Texts;
use super::transcript::{AnswerTokens, Transcript};

/// Counting is all processor: more at once would take it from those who stream.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The tokens of a prompt's text: messages, tools, the answer's schema. Pictures and sound count nothing: what they come to
/// only their provider knows.
pub async fn count_prompt(task: &Task) -> u64 {
    let texts = Texts::of(task);
    off_the_runtime(move || texts.iter().map(tokens_of).sum::<u64>() + texts.tokens).await.unwrap_or_default()
}

/// The tokens of what was delivered.
pub async fn count_answer(transcript: Transcript) -> AnswerTokens {
    off_the_runtime(move || transcript.tokens(tokens_of)).await.unwrap_or_default()
}

/// Makes room in a transcript that is full.
pub async fn condense(transcript: &mut Transcript) {
    let mut full = std::mem::take(transcript);
    let condensed = off_the_runtime(move || {
        full.condense(tokens_of);
        full
    });
    *transcript = condensed.await.unwrap_or_default();
}

/// By the vocabulary of the most used models, which is close to that of most others.
fn tokens_of(text: &str) -> u64 {
    let vocabulary = match Tokenizer::CURRENT {
        Tokenizer::O200kBase => bpe_openai::o200k_base(),
    };
    vocabulary.count(text) as u64
}

/// `None` only if the work panicked, or the runtime ends: then nothing is counted, in the customer's favour.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _permit = AT_ONCE.acquire().await.ok()?;
    let done = tokio::task::spawn_blocking(work).await;
    done.inspect_err(|error| tracing::error!(%error, "tokens could not be counted")).ok()
}

#[cfg(test)]
mod tests {
    use canon::{EmbedInput, EmbedRequest, Message, Part, Request, RerankRequest, Source, Tool};

    use super::*;

    fn user(parts: Vec<Part>) -> Task {
        let messages = vec![Message::User { parts, name: None }];
        Task::Chat(Request { messages, ..Request::default() })
    }

    fn text(text: &str) -> Part {
        Part::Text { text: text.to_owned(), cache_control: None }
    }

    #[tokio::test]
    async fn counts_are_those_of_the_named_vocabulary() {
        // From the tokenizer page of OpenAI.
        assert_eq!(count_prompt(&user(vec![text("Hello, world!")])).await, 4);
        assert_eq!(count_prompt(&user(vec![text("tiktoken is great!")])).await, 6);
        assert_eq!(count_prompt(&user(vec![text("お誕生日おめでとう")])).await, 8);
    }

    #[tokio::test]
    async fn whatever_a_client_sends_is_counted_without_a_panic() {
        for odd in ["", " ", "\u{0}", "\u{301}", "🙂🙂", "<|endoftext|>", "\r\n\r\n \t"] {
            let tokens = count_prompt(&user(vec![text(odd)])).await;
            assert!(tokens <= odd.len() as u64, "{odd:?} made {tokens} tokens");
        }
        // A megabyte of spaces is where other libraries give up.
        assert!(count_prompt(&user(vec![text(&" ".repeat(1_000_000))])).await > 0);
    }

    #[tokio::test]
    async fn tools_count_and_pictures_do_not() {
        let picture =
            Part::Image { source: Source::Url("https://x/y.png".to_owned()), detail: None, cache_control: None };
        assert_eq!(count_prompt(&user(vec![picture, text("hi")])).await, 1);
        let tool = Tool {
            name: "get_weather".to_owned(),
            description: None,
            parameters: Some(serde_json::json!({"type": "object"})),
            strict: None,
            cache_control: None,
        };
        let with_tool = Task::Chat(Request { tools: vec![tool], ..Request::default() });
        assert!(count_prompt(&with_tool).await > 4);
    }

    #[tokio::test]
    async fn inputs_that_are_tokens_count_as_they_are() {
        let inputs = vec![EmbedInput::Tokens(vec![1, 2, 3]), EmbedInput::Text("hi".to_owned())];
        assert_eq!(count_prompt(&Task::Embed(EmbedRequest { inputs, ..EmbedRequest::default() })).await, 4);
        let ranked = RerankRequest {
            query: "hi".to_owned(),
            documents: vec!["hi".to_owned(), "hi".to_owned()],
            ..RerankRequest::default()
        };
        assert_eq!(count_prompt(&Task::Rerank(ranked)).await, 3);
    }

    #[tokio::test]
    async fn a_transcript_that_was_condensed_counts_as_one_that_was_not() {
        let pieces = ["The quick brown", " fox jumps", " over the lazy dog. ", "123 456", "\n\nend"];
        let mut whole = Transcript::default();
        let mut condensed = Transcript::default();
        for piece in pieces {
            whole.push(0, super::super::Voice::Answer, piece);
            condensed.push(0, super::super::Voice::Answer, piece);
            condense(&mut condensed).await;
        }
        assert_eq!(count_answer(condensed).await, count_answer(whole).await);
    }
}
