//! An account with keys and generations, and a way to render its pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use any_spawner::Executor;
use api::{
    Account, Activity, ActivityPage, ActivityQuery, ActivityTotals, ApiError, Cancelling, Catalog, HomeFacts, KeyRow,
    Keys, Me, ModelCard, ModelDetail, ModelPage, ModelQuery, NewKey, NewKeyForm, Password,
};
use async_trait::async_trait;
use domain::{
    Attempt, CostLine, Exclusion, Failure, Generation, GenerationId, GenerationState, KeyId, MediaCounts, ModelSlug,
    NanoUsd, ServedBy, Timestamp, Unit, Usage,
};
use futures::StreamExt;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;

pub const SECRET: &str = "sk-souk-v1-0123456789abcdef";

/// What the fakes answer; nobody is signed in unless `me`.
#[derive(Default)]
pub struct Fake {
    pub me: bool,
    pub models: Vec<ModelCard>,
    pub keys: Vec<KeyRow>,
    pub log: Vec<Generation>,
    pub pages: u32,
    pub asked: Mutex<Option<ActivityQuery>>,
}

impl Fake {
    pub fn signed_in() -> Self {
        Self {
            me: true,
            models: vec![card("maker/alpha", false), card("souk/parrot", true)],
            pages: 1,
            ..Self::default()
        }
    }

    fn only_me<T>(&self, answer: T) -> Result<T, ApiError> {
        if self.me { Ok(answer) } else { Err(ApiError::Unauthenticated) }
    }
}

pub fn card(slug: &str, simulated: bool) -> ModelCard {
    let slug: ModelSlug = slug.parse().unwrap();
    ModelCard {
        name: slug.name().to_uppercase(),
        author: slug.author().to_owned(),
        slug,
        released: None,
        context_length: None,
        input: vec!["text".to_owned()],
        output: vec!["text".to_owned()],
        prompt: "0.00000015".parse().ok(),
        completion: "0.0000006".parse().ok(),
        providers: 1,
        supports: Vec::new(),
        callable: true,
        simulated,
    }
}

pub fn key(digit: char, name: &str) -> KeyRow {
    KeyRow {
        id: key_id(digit),
        name: name.to_owned(),
        label: format!("sk-souk-v1-{digit}{digit}{digit}…{digit}{digit}{digit}"),
        limit: Some(NanoUsd(20_000_000_000)),
        spent: NanoUsd(5_000_000_001),
        held: NanoUsd::ZERO,
        disabled: false,
        created_at: Timestamp::from_unix_seconds(1_795_000_000),
        last_used_at: None,
        expires_at: None,
    }
}

pub fn key_id(digit: char) -> KeyId {
    digit.to_string().repeat(64).parse().unwrap()
}

pub fn generation_id(digit: char) -> GenerationId {
    format!("gen-{}", digit.to_string().repeat(32)).parse().unwrap()
}

/// One that was refused by a first endpoint and served by a second; 3 × $0.1/M + 7 × $0.6/M, rounded by less than nothing.
pub fn generation(digit: char) -> Generation {
    let line = |unit, quantity, rate: &str| CostLine { unit, quantity, rate: rate.parse().unwrap() };
    let served = attempt("two", Some(540), None);
    Generation {
        id: generation_id(digit),
        created_at: Timestamp::from_unix_seconds(1_795_000_000),
        surface: "chat.completions".to_owned(),
        key: Some(key_id('a')),
        requested_model: "maker/alpha".to_owned(),
        served_by: Some(ServedBy {
            model: served.model.clone(),
            provider: served.provider.clone(),
            provider_name: served.provider_name.clone(),
            tag: served.tag.clone(),
            simulated: false,
        }),
        streamed: true,
        state: GenerationState::Completed,
        finish_reason: Some("stop".to_owned()),
        native_finish_reason: Some("end_turn".to_owned()),
        usage: Usage { prompt: 3, completion: 7, ..Usage::default() },
        media: MediaCounts::default(),
        service_tier: None,
        cost: domain::Cost {
            lines: vec![line(Unit::Prompt, 3, "0.0000001"), line(Unit::Completion, 7, "0.0000006000000001")],
            total: NanoUsd(4_500),
        },
        cache_discount: None,
        held: NanoUsd(90_000),
        first_token_ms: Some(540),
        duration_ms: 3_370,
        attempts: vec![attempt("one", None, Some("The provider is over capacity.")), served],
        excluded: vec![Exclusion { tag: "three".parse().unwrap(), reason: "provider_key".to_owned() }],
        error: None,
        upstream_id: Some("msg_1".to_owned()),
        app: None,
        user: None,
    }
}

fn attempt(provider: &str, first_token_ms: Option<u32>, failure: Option<&str>) -> Attempt {
    Attempt {
        model: "maker/alpha".parse().unwrap(),
        provider: provider.parse().unwrap(),
        provider_name: format!("Provider {provider}"),
        tag: provider.parse().unwrap(),
        started_ms: if failure.is_some() { 0 } else { 80 },
        first_token_ms,
        ended_ms: if failure.is_some() { 80 } else { 3_370 },
        status: Some(if failure.is_some() { 429 } else { 200 }),
        failure: failure.map(|message| Failure {
            error_type: "rate_limit_exceeded".to_owned(),
            message: message.to_owned(),
            code: Some("busy_2".to_owned()),
        }),
    }
}

#[async_trait]
impl Catalog for Fake {
    async fn home(&self) -> Result<HomeFacts, ApiError> {
        Ok(HomeFacts {
            callable: self.models.clone(),
            api_base: "http://souk.test/api/v1".to_owned(),
            ..HomeFacts::default()
        })
    }

    async fn models(&self, _: ModelQuery) -> Result<ModelPage, ApiError> {
        Ok(ModelPage::default())
    }

    async fn model(&self, _: ModelSlug) -> Result<ModelDetail, ApiError> {
        Err(ApiError::NotFound)
    }

    async fn callable(&self) -> Result<Vec<ModelCard>, ApiError> {
        Ok(self.models.clone())
    }

    async fn cancelling(&self) -> Result<Cancelling, ApiError> {
        Ok(Cancelling::default())
    }
}

#[async_trait]
impl Account for Fake {
    async fn me(&self) -> Result<Option<Me>, ApiError> {
        let me = Me {
            email: "me@souk.test".to_owned(),
            is_admin: false,
            available: NanoUsd(12_500_000_001),
            held: NanoUsd(7),
        };
        Ok(self.me.then_some(me))
    }

    async fn sign_up(&self, _: String, _: Password) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    async fn sign_in(&self, _: String, _: Password) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    async fn sign_out(&self) -> Result<(), ApiError> {
        Ok(())
    }

    async fn change_password(&self, _: Password, _: Password) -> Result<(), ApiError> {
        Ok(())
    }
}

#[async_trait]
impl Keys for Fake {
    async fn list(&self) -> Result<Vec<KeyRow>, ApiError> {
        self.only_me(self.keys.clone())
    }

    async fn create(&self, _: NewKeyForm) -> Result<NewKey, ApiError> {
        self.only_me(NewKey { id: key_id('f'), secret: SECRET.to_owned() })
    }

    async fn set_disabled(&self, _: KeyId, _: bool) -> Result<(), ApiError> {
        self.only_me(())
    }

    async fn set_limit(&self, _: KeyId, _: Option<NanoUsd>) -> Result<(), ApiError> {
        self.only_me(())
    }

    async fn delete(&self, _: KeyId) -> Result<(), ApiError> {
        self.only_me(())
    }
}

#[async_trait]
impl Activity for Fake {
    async fn page(&self, query: ActivityQuery) -> Result<ActivityPage, ApiError> {
        let page = query.page;
        *self.asked.lock().unwrap() = Some(query);
        let rows = self.log.clone();
        let totals = ActivityTotals {
            requests: rows.len() as u64,
            prompt_tokens: 3,
            completion_tokens: 7,
            cost: NanoUsd(4_500),
        };
        let key_names = BTreeMap::from([(key_id('a').to_string(), "Laptop".to_owned())]);
        self.only_me(ActivityPage { totals, rows, key_names, page, pages: self.pages })
    }

    async fn generation(&self, id: GenerationId) -> Result<Generation, ApiError> {
        self.only_me(())?;
        self.log.iter().find(|generation| generation.id == id).cloned().ok_or(ApiError::NotFound)
    }
}

/// A page as it was answered.
pub struct Served {
    pub html: String,
    pub cookies: Vec<String>,
    pub fake: Arc<Fake>,
}

pub async fn get(path: &str, fake: Fake) -> Served {
    get_with_cookie(path, fake, "").await
}

pub async fn get_with_cookie(path: &str, fake: Fake, cookie: &str) -> Served {
    // A second initialisation is refused, and the first one stays.
    _ = Executor::init_tokio();
    let fake = Arc::new(fake);
    let answer = ResponseOptions::default();
    let request = http::Request::get(path).header(http::header::COOKIE, cookie).body(()).unwrap();
    // Lives as long as the page is rendered: what it owns would never answer else.
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(RequestUrl::new(path));
        provide_context(answer.clone());
        provide_context(request.into_parts().0);
        provide_context(Arc::clone(&fake) as Arc<dyn Catalog>);
        provide_context(Arc::clone(&fake) as Arc<dyn Account>);
        provide_context(Arc::clone(&fake) as Arc<dyn Keys>);
        provide_context(Arc::clone(&fake) as Arc<dyn Activity>);
        leptos::view! { <app::App/> }.into_any().to_html_stream_in_order()
    });
    let html = html.collect::<String>().await;
    let headers = answer.0.read().unwrap().headers.clone();
    let cookies =
        headers.get_all(http::header::SET_COOKIE).into_iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    Served { html, cookies, fake }
}

impl Served {
    /// What a reader sees: the text without comments, which only mark places for script.
    pub fn text(&self) -> String {
        self.html
            .split("<!")
            .enumerate()
            .map(|(i, piece)| if i == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) })
            .collect()
    }

    #[track_caller]
    pub fn has(&self, texts: &[&str]) {
        let html = self.text();
        for text in texts {
            assert!(html.contains(text), "no {text:?} in\n{html}");
        }
    }

    #[track_caller]
    pub fn lacks(&self, texts: &[&str]) {
        let html = self.text();
        for text in texts {
            assert!(!html.contains(text), "there is {text:?} in\n{html}");
        }
    }
}
