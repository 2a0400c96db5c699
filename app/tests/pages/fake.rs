//! A catalog, an account and a way to render a page with them.

use std::sync::{Arc, Mutex};

use any_spawner::Executor;
use api::{
    Account, ApiError, Cancelling, Catalog, EndpointRow, Facet, HomeFacts, Me, ModelCard, ModelDetail, ModelPage,
    ModelQuery, Password, PolicyFacts,
};
use async_trait::async_trait;
use domain::{ModelSlug, NanoUsd, Prices, Unit};
use futures::StreamExt;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;

const API_BASE: &str = "http://souk.test/api/v1";

/// What the fakes answer.
pub struct Fake {
    pub models: Vec<ModelCard>,
    pub endpoints: Vec<EndpointRow>,
    pub pages: u32,
    pub best_to_drop: Option<(String, u32)>,
    pub callable_models: u32,
    pub catalog_fails: bool,
    pub me: bool,
    pub asked: Mutex<ModelQuery>,
}

impl Default for Fake {
    fn default() -> Self {
        let mut second = endpoint("two");
        second.not_callable = Some("set TWO_API_KEY".to_owned());
        Self {
            models: vec![card("maker/alpha"), card("maker/beta")],
            endpoints: vec![endpoint("one"), second],
            pages: 1,
            best_to_drop: None,
            callable_models: 7,
            catalog_fails: false,
            me: false,
            asked: Mutex::default(),
        }
    }
}

pub fn card(slug: &str) -> ModelCard {
    let slug: ModelSlug = slug.parse().unwrap();
    let name = slug.name();
    ModelCard {
        name: name[..1].to_uppercase() + &name[1..],
        author: slug.author().to_owned(),
        slug,
        released: Some("2026-11-02".to_owned()),
        context_length: Some(128_000),
        input: vec!["text".to_owned(), "image".to_owned()],
        output: vec!["text".to_owned()],
        prompt: Some("0.00000015".parse().unwrap()),
        completion: Some("0.0000000375".parse().unwrap()),
        providers: 2,
        supports: vec!["tools".to_owned()],
        callable: true,
        simulated: false,
    }
}

pub fn endpoint(provider: &str) -> EndpointRow {
    let prices = [(Unit::Prompt, "0.00000015"), (Unit::Completion, "0.0000006")];
    EndpointRow {
        provider: provider.parse().unwrap(),
        provider_name: format!("Provider {}{}", provider[..1].to_uppercase(), &provider[1..]),
        tag: format!("{provider}/fp8").parse().unwrap(),
        upstream_id: "alpha-2026".to_owned(),
        prices: Prices(prices.into_iter().map(|(unit, rate)| (unit, rate.parse().unwrap())).collect()),
        price_notes: vec!["above 256,000 prompt tokens: $0.25 in".to_owned()],
        context_length: Some(128_000),
        max_output: Some(8_000),
        quantization: Some("fp8".to_owned()),
        region: Some("EU".to_owned()),
        headquarters: Some("FR".to_owned()),
        supports: vec!["tools".to_owned()],
        policy: PolicyFacts { training: Some(false), retains_prompts: Some(false), ..PolicyFacts::default() },
        status: "current".to_owned(),
        deprecation_date: None,
        not_callable: None,
        simulated: false,
        source: "the provider's price list".to_owned(),
        as_of: "2026-11-22".to_owned(),
    }
}

#[async_trait]
impl Catalog for Fake {
    async fn home(&self) -> Result<HomeFacts, ApiError> {
        if self.catalog_fails {
            return Err(ApiError::Internal);
        }
        Ok(HomeFacts {
            models: 1_234,
            endpoints: 5_678,
            providers: 90,
            callable_models: self.callable_models,
            as_of: "2026-11-22".to_owned(),
            newest: self.models.clone(),
            callable: if self.callable_models > 0 { self.models.clone() } else { Vec::new() },
            api_base: API_BASE.to_owned(),
        })
    }

    async fn models(&self, query: ModelQuery) -> Result<ModelPage, ApiError> {
        let page = query.page.parse().unwrap_or(1);
        *self.asked.lock().unwrap() = query;
        let facet = |value: &str, count| Facet { value: value.to_owned(), count };
        Ok(ModelPage {
            rows: self.models.clone(),
            total: u32::try_from(self.models.len()).unwrap(),
            page,
            pages: self.pages,
            inputs: vec![facet("text", 2), facet("image", 1), facet("file", 1)],
            outputs: vec![facet("text", 2), facet("image", 1)],
            authors: vec![facet("maker", 2)],
            providers: vec![facet("one", 2)],
            supports: vec![facet("tools", 2)],
            best_to_drop: self.best_to_drop.clone(),
        })
    }

    async fn model(&self, slug: ModelSlug) -> Result<ModelDetail, ApiError> {
        let card = self.models.iter().find(|card| card.slug == slug).cloned().ok_or(ApiError::NotFound)?;
        Ok(ModelDetail {
            card,
            description: None,
            max_output: None,
            knowledge_cutoff: None,
            open_weights: Some(true),
            hugging_face_id: None,
            family: None,
            tokenizer: None,
            expires: None,
            reasoning_efforts: Vec::new(),
            endpoints: self.endpoints.clone(),
            source: "the catalog".to_owned(),
            as_of: "2026-11-22".to_owned(),
            api_base: API_BASE.to_owned(),
        })
    }

    async fn callable(&self) -> Result<Vec<ModelCard>, ApiError> {
        Ok(self.models.clone())
    }

    async fn cancelling(&self) -> Result<Cancelling, ApiError> {
        Ok(Cancelling { ends: vec!["Acme".to_owned(), "Beta".to_owned()], goes_on: vec!["Gamma".to_owned()] })
    }
}

#[async_trait]
impl Account for Fake {
    async fn me(&self) -> Result<Option<Me>, ApiError> {
        Ok(self.me.then(|| Me {
            email: "me@souk.test".to_owned(),
            is_admin: false,
            available: NanoUsd(12_500_000_000),
            held: NanoUsd::ZERO,
        }))
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
        Err(ApiError::Forbidden)
    }
}

/// A page as it was answered.
pub struct Served {
    pub html: String,
    pub status: u16,
    headers: http::HeaderMap,
    fake: Arc<Fake>,
}

/// Renders the application at `path`, without the document around it.
pub async fn get(path: &str, fake: Fake) -> Served {
    Served::render(path, fake, None, false).await
}

impl Served {
    /// Renders the whole document, for a request with these cookies.
    pub async fn document(path: &str, fake: Fake, cookies: Option<&str>) -> Self {
        Self::render(path, fake, cookies, true).await
    }

    async fn render(path: &str, fake: Fake, cookies: Option<&str>, whole: bool) -> Self {
        // A second initialisation is refused, and the first one stays.
        _ = Executor::init_tokio();
        let fake = Arc::new(fake);
        let owner = Owner::new();
        let answer = ResponseOptions::default();
        let (meta, meta_output) = leptos_meta::ServerMetaContext::new();
        let html = owner.with(|| {
            provide_context(RequestUrl::new(path));
            provide_context(meta);
            provide_context(answer.clone());
            provide_context(request(path, cookies));
            provide_context(Arc::clone(&fake) as Arc<dyn Catalog>);
            provide_context(Arc::clone(&fake) as Arc<dyn Account>);
            leptos::nonce::provide_nonce();
            if whole {
                app::shell(LeptosOptions::builder().output_name("souk").build()).into_any().to_html_stream_in_order()
            } else {
                leptos::view! { <app::App/> }.to_html_stream_in_order()
            }
        });
        let body = html.collect::<String>().await;
        let head = if whole { "" } else { "<head></head>" };
        let html = meta_output
            .inject_meta_context(futures::stream::iter([format!("{head}{body}")]))
            .await
            .collect::<String>()
            .await;
        let parts = answer.0.read().unwrap();
        let (status, headers) = (parts.status.map_or(200, |status| status.as_u16()), parts.headers.clone());
        Self { html, status, headers, fake }
    }

    #[track_caller]
    pub fn has(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.html.contains(text), "no {text:?} in\n{}", self.html);
        }
    }

    #[track_caller]
    pub fn lacks(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.html.contains(text), "there is {text:?} in\n{}", self.html);
        }
    }

    /// The first tag of this name with that text in it.
    pub fn tag(&self, name: &str, with: &str) -> &str {
        let open = format!("<{name}");
        let mut tags = self.html.split(&open).skip(1).filter_map(|rest| rest.split('>').next());
        tags.find(|tag| tag.contains(with)).unwrap_or_else(|| panic!("no <{name} … {with}>"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_else(|| panic!("no {name}"))
    }

    /// What the page asked the catalog.
    pub fn asked(&self) -> ModelQuery {
        self.fake.asked.lock().unwrap().clone()
    }
}

fn request(path: &str, cookies: Option<&str>) -> http::request::Parts {
    let mut request = http::Request::get(path);
    if let Some(cookies) = cookies {
        request = request.header(http::header::COOKIE, cookies);
    }
    request.body(()).unwrap().into_parts().0
}
