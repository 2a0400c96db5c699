//! What only a browser can do: stream an answer, tell the time, keep text. On the server none of it happens.
//!
//! The one module of the chat that differs between the two; everything it hands out is plain Rust.

use super::wire::{Problem, read_refusal};

/// What comes in while an answer streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The server accepted; its id of the generation, if it told one.
    Accepted {
        generation: Option<String>,
    },
    Bytes(Vec<u8>),
}

/// Why a stream did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "nothing streams, so nothing is stopped, on the server")
    )]
    Stopped,
    /// The server answered with an error instead; its id of the generation, if it told one.
    Refused { problem: Problem, generation: Option<String> },
    /// The connection could not be made, or broke.
    Broken,
}

impl Interruption {
    fn refused(status: u16, generation: Option<String>, body: &str) -> Self {
        Self::Refused { problem: read_refusal(status, body), generation }
    }
}

pub use here::{Stop, keep, kept, load, now_ms, stream};

/// Where conversations are kept.
const SHELF: &str = "souk.chat.1";

#[cfg(feature = "hydrate")]
mod here {
    use js_sys::{Reflect, Uint8Array};
    use leptos::prelude::window;
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, Request, RequestInit, Response, Storage};

    use super::{Interruption, Piece, SHELF};

    /// The chat's own way to the API: same origin, with the session's cookie instead of a key.
    const CHAT: &str = "/chat/completions";

    /// Ends a stream from outside.
    #[derive(Clone, Debug)]
    pub struct Stop(Option<SendWrapper<AbortController>>);

    impl Stop {
        pub fn new() -> Self {
            Self(AbortController::new().ok().map(SendWrapper::new))
        }

        pub fn stop(&self) {
            if let Some(controller) = &self.0 {
                controller.abort();
            }
        }

        fn signal(&self) -> Option<AbortSignal> {
            self.0.as_ref().map(|controller| controller.signal())
        }

        fn is_stopped(&self) -> bool {
            self.signal().is_some_and(|signal| signal.aborted())
        }
    }

    /// Asks, and hands over what comes in until it ends.
    pub async fn stream(body: &str, stop: &Stop, take: impl FnMut(Piece)) -> Result<(), Interruption> {
        let told = |_: JsValue| if stop.is_stopped() { Interruption::Stopped } else { Interruption::Broken };
        let response = fetch(body, stop).await.map_err(told)?;
        let generation = response.headers().get("X-Generation-Id").ok().flatten();
        if !response.ok() {
            let text = text_of(&response).await.unwrap_or_default();
            return Err(Interruption::refused(response.status(), generation, &text));
        }
        read(&response, generation, take).await.map_err(told)
    }

    async fn fetch(body: &str, stop: &Stop) -> Result<Response, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&JsValue::from_str(body));
        init.set_signal(stop.signal().as_ref());
        let request = Request::new_with_str_and_init(CHAT, &init)?;
        request.headers().set("Content-Type", "application/json")?;
        // Another site's form cannot set this header: the session's cookie alone proves nothing.
        request.headers().set("X-Souk-Csrf", "1")?;
        JsFuture::from(window().fetch_with_request(&request)).await?.dyn_into()
    }

    async fn text_of(response: &Response) -> Result<String, JsValue> {
        Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
    }

    async fn read(response: &Response, generation: Option<String>, mut take: impl FnMut(Piece)) -> Result<(), JsValue> {
        take(Piece::Accepted { generation });
        let Some(body) = response.body() else { return Ok(()) };
        let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
        loop {
            let result = JsFuture::from(reader.read()).await?;
            if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
                return Ok(());
            }
            let bytes: Uint8Array = Reflect::get(&result, &JsValue::from_str("value"))?.dyn_into()?;
            take(Piece::Bytes(bytes.to_vec()));
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms() -> u64 {
        js_sys::Date::now() as u64
    }

    /// The conversations kept in this browser, as text.
    pub fn load() -> Option<String> {
        storage()?.get_item(SHELF).ok().flatten()
    }

    /// Keeps the conversations; `false` if the browser refuses (private mode, full).
    pub fn keep(text: &str) -> bool {
        storage().is_some_and(|storage| storage.set_item(SHELF, text).is_ok())
    }

    /// Whether this browser keeps anything.
    pub fn kept() -> bool {
        storage().is_some()
    }

    fn storage() -> Option<Storage> {
        window().local_storage().ok().flatten()
    }
}

#[cfg(not(feature = "hydrate"))]
mod here {
    use super::{Interruption, Piece, SHELF};

    /// Ends a stream from outside.
    #[derive(Clone, Debug)]
    pub struct Stop;

    impl Stop {
        pub fn new() -> Self {
            Self
        }

        pub fn stop(&self) {}
    }

    /// The server streams nothing to itself.
    pub async fn stream(body: &str, stop: &Stop, mut take: impl FnMut(Piece)) -> Result<(), Interruption> {
        _ = (body, stop, SHELF);
        take(Piece::Accepted { generation: None });
        take(Piece::Bytes(Vec::new()));
        Err(Interruption::refused(501, None, ""))
    }

    pub fn now_ms() -> u64 {
        0
    }

    pub fn load() -> Option<String> {
        None
    }

    pub fn keep(_: &str) -> bool {
        false
    }

    pub fn kept() -> bool {
        true
    }
}
