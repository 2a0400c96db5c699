//! Which providers this server can call, and how: the catalog joined with the operator's environment.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use canon::{Task, TaskKind};
use domain::ProviderSlug;

use crate::auth::google::{Account, BadCredentials};
use crate::auth::{Credential, Secret, Sigv4};
use crate::catalog::{Auth, Catalog, Dialect, Provider, Wire};
use crate::dialect::{self, Target};

/// The variables of AWS's own tools.
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
const REGION: &str = "AWS_REGION";

/// All that a call to a provider needs besides the request.
#[derive(Clone, Debug)]
pub struct Reach {
    pub dialect: Dialect,
    /// Without a trailing slash, all `{placeholders}` filled.
    pub base_url: String,
    pub credential: Credential,
    /// The same provider over OpenAI's chat protocol, where it speaks that too.
    pub plain: Option<Box<Self>>,
}

impl Reach {
    /// The wire for this task: the provider's own, unless that would lose something that OpenAI's chat protocol can say.
    pub fn fitting(&self, task: &Task, target: &Target<'_>) -> &Self {
        self.plain.as_deref().filter(|_| dialect::loses(self.dialect, task, target)).unwrap_or(self)
    }
}

/// Why a provider cannot be called here: a sentence for the operator, without an end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCallable {
    #[error("its wire protocol is not spoken yet")]
    Dialect,
    #[error("its wire protocol has no way to ask for {}", _0.wanted())]
    Task(TaskKind),
    #[error("its address is not known")]
    Address,
    #[error("its way of signing requests is not supported yet")]
    Auth,
    #[error("set {0}")]
    MissingVariable(String),
    #[error("the credentials file cannot be used: {0}")]
    Credentials(#[from] BadCredentials),
}

/// The catalog in force and what of it can be called: immutable, replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub catalog: Arc<Catalog>,
    reach: BTreeMap<ProviderSlug, [Result<Reach, NotCallable>; TaskKind::ALL.len()]>,
}

impl Snapshot {
    /// `variable` looks up the operator's environment: provider keys and URL variables. Credentials files that it names are read.
    pub fn new(catalog: Arc<Catalog>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let of = |p: &Provider| {
            // All tasks share its tokens.
            let google = OnceCell::new();
            TaskKind::ALL.map(|task| reach(p, task, &google, &variable))
        };
        let reach = catalog.providers.values().map(|p| (p.slug.clone(), of(p))).collect();
        Self { catalog, reach }
    }

    /// How a provider is asked for such a task: it may take another wire than chats.
    pub fn of(&self, provider: &ProviderSlug, task: TaskKind) -> Result<&Reach, NotCallable> {
        let found = self.reach.get(provider).and_then(|by_task| by_task.get(task as usize));
        found.map_or(Err(NotCallable::Address), |r| r.as_ref().map_err(Clone::clone))
    }

    /// Whether a provider can be called for anything.
    pub fn is_callable(&self, provider: &ProviderSlug) -> bool {
        self.reach.get(provider).is_some_and(|by_task| by_task.iter().any(Result::is_ok))
    }
}

/// `google`: the account of the provider's credentials file, once it has been read.
fn reach(
    provider: &Provider,
    task: TaskKind,
    google: &OnceCell<Result<Arc<Account>, BadCredentials>>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Reach, NotCallable> {
    let wire = provider.wire(task).ok_or_else(|| why_not(provider, task))?;
    let mut own = over(wire, provider, google, &variable)?;
    // One whose own wire can be called is callable, whatever the other lacks.
    let plain = provider.plain_wire().filter(|plain| task == TaskKind::Chat && plain.dialect != own.dialect);
    own.plain = plain.and_then(|plain| over(plain, provider, google, &variable).ok()).map(Box::new);
    Ok(own)
}

fn over(
    wire: Wire<'_>,
    provider: &Provider,
    google: &OnceCell<Result<Arc<Account>, BadCredentials>>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Reach, NotCallable> {
    let base_url = provider.filled(wire.base_url, &variable).map_err(|unset| NotCallable::MissingVariable(unset.0))?;
    if base_url.contains('{') {
        return Err(NotCallable::Address);
    }
    let auth = wire.auth.cloned().ok_or(NotCallable::Auth)?;
    let key = || {
        let found = provider.env.iter().find_map(|name| set(&variable, name));
        let missing = || NotCallable::MissingVariable(provider.env.join(" or "));
        if provider.env.is_empty() { Err(NotCallable::Auth) } else { found.map(Secret::new).ok_or_else(missing) }
    };
    let token = provider.token_env.iter().find_map(|name| set(&variable, name)).map(Secret::new);
    let credential = match auth {
        Auth::None => Credential::None,
        Auth::Bearer => Credential::Bearer(token.map_or_else(key, Ok)?),
        Auth::Header(name) => match token {
            Some(token) => Credential::Bearer(token),
            None => Credential::Header(name, key()?),
        },
        Auth::Sigv4 => signature(provider, &variable, key)?,
        Auth::Google => {
            let file = key()?;
            let account = google.get_or_init(|| Account::open(Path::new(file.expose())).map(Arc::new));
            Credential::Google(account.clone()?)
        }
    };
    let base_url = match wire.dialect {
        Dialect::Vertex => dialect::vertex_address(&base_url).into_owned(),
        _ => base_url,
    };
    let base_url = base_url.trim_end_matches('/').to_owned();
    Ok(Reach { dialect: wire.dialect, base_url, credential, plain: None })
}

/// A bearer key where one is set, else the key pair that AWS's own tools read.
fn signature(
    provider: &Provider,
    variable: impl Fn(&str) -> Option<String>,
    bearer: impl Fn() -> Result<Secret, NotCallable>,
) -> Result<Credential, NotCallable> {
    if let Ok(key) = bearer() {
        return Ok(Credential::Bearer(key));
    }
    let pair = set(&variable, ACCESS_KEY_ID).zip(set(&variable, SECRET_ACCESS_KEY));
    let Some((access_key_id, secret_access_key)) = pair else {
        let pair = format!("{ACCESS_KEY_ID} and {SECRET_ACCESS_KEY}");
        let ways: Vec<&str> = provider.env.iter().map(String::as_str).chain([pair.as_str()]).collect();
        return Err(NotCallable::MissingVariable(ways.join(" or ")));
    };
    let region = provider.url_variables.get("region").map_or(REGION, String::as_str);
    Ok(Credential::Sigv4(Sigv4 {
        access_key_id,
        secret_access_key: Secret::new(secret_access_key),
        session_token: set(&variable, SESSION_TOKEN).map(Secret::new),
        region: set(&variable, region).ok_or_else(|| NotCallable::MissingVariable(region.to_owned()))?,
    }))
}

/// Why there is no wire to a provider.
fn why_not(provider: &Provider, task: TaskKind) -> NotCallable {
    let known = provider.dialect.is_some_and(|d| d != Dialect::Other) || provider.openai_base_url.is_some();
    match task {
        _ if !known => NotCallable::Dialect,
        TaskKind::Chat => NotCallable::Address,
        TaskKind::Embed | TaskKind::Rerank => NotCallable::Task(task),
    }
}

/// A variable that is set and not blank.
fn set(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}
