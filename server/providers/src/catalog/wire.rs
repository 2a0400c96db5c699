//! Over which wire a provider is reached: its own dialect if we speak it, else OpenAI's where the provider speaks that too.

use canon::TaskKind;

use super::{Auth, Dialect, Endpoint, Provider};
use crate::dialect;

/// How requests to a provider travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire<'a> {
    pub dialect: Dialect,
    /// With `{placeholders}`: see [`Provider::filled`].
    pub base_url: &'a str,
    pub auth: Option<&'a Auth>,
}

/// An address needs an environment variable that is not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not set")]
pub struct UnsetVariable(pub String);

impl Endpoint {
    /// Whether this offer can be asked for over its provider's wire.
    ///
    /// Vertex AI serves models of other authors too, each over a protocol of its own.
    pub fn is_served_over(&self, dialect: Dialect) -> bool {
        dialect != Dialect::Vertex || self.provider.first_party_author.as_deref() == Some(self.model.slug.author())
    }
}

impl Provider {
    /// The wire to this provider for such a task; `None` if it speaks nothing for it that we speak.
    pub fn wire(&self, task: TaskKind) -> Option<Wire<'_>> {
        let native = self.dialect.filter(|dialect| dialect::is_spoken(*dialect, task)).zip(self.base_url.as_deref());
        if let Some((dialect, base_url)) = native {
            return Some(Wire { dialect, base_url, auth: self.auth.as_ref() });
        }
        self.plain_wire()
    }

    /// OpenAI's chat protocol, where the provider speaks it beside its own.
    pub fn plain_wire(&self) -> Option<Wire<'_>> {
        let base_url = self.openai_base_url.as_deref()?;
        Some(Wire { dialect: Dialect::OpenaiChat, base_url, auth: self.openai_auth.as_ref().or(self.auth.as_ref()) })
    }

    /// An address of this provider with its `{placeholders}` filled from the environment.
    ///
    /// A value given as `https://host/` also fits where the address already has the scheme.
    pub fn filled(&self, template: &str, value_of: impl Fn(&str) -> Option<String>) -> Result<String, UnsetVariable> {
        let mut filled = template.to_owned();
        for (placeholder, variable) in &self.url_variables {
            let braced = format!("{{{placeholder}}}");
            if !template.contains(&braced) {
                continue;
            }
            let value =
                value_of(variable).filter(|v| !v.trim().is_empty()).ok_or_else(|| UnsetVariable(variable.clone()))?;
            let value = value.trim().trim_end_matches('/');
            let is_start = template.starts_with(&braced);
            let host = if is_start { value } else { value.split_once("://").map_or(value, |(_, host)| host) };
            filled = filled.replace(&braced, host);
        }
        Ok(filled)
    }
}
