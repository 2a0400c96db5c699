//! All files joined into one catalog, or every fault that stands against it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use domain::{ModelSlug, ProviderSlug, Timestamp};
use sha2::{Digest, Sha256};

use super::entry::{ModelFile, Offer, ProviderFile};
use super::fault::Fault;
use super::join;
use super::read::{self, Flaw};
use super::source::{File, Files, shipped};
use super::{Catalog, Endpoint, EndpointStatus, Provider, covers};

/// Loads a catalog: these files with a folder laid over them, without the endpoints whose last day is over by `now`.
///
/// A file of the folder replaces the one of the same name as a whole, so an overlay that lists an author's models anew
/// also takes the others away, with the shipped offers of them. All faults of all files are reported, by file and line.
pub fn load(mut files: Files, overlay: Option<&Path>, now: Timestamp) -> Result<Catalog, Vec<Fault>> {
    if let Some(folder) = overlay {
        files.overlay(folder)?;
    }
    let mut loading = Loading::default();
    for (path, file) in files.models() {
        loading.add_models(path, file);
    }
    for (path, file) in files.providers() {
        loading.add_provider(path, file, now);
    }
    if !loading.faults.is_empty() {
        loading.faults.sort();
        return Err(loading.faults);
    }
    let mut catalog = loading.catalog;
    for endpoints in catalog.endpoints.values_mut() {
        endpoints.sort_by(|a, b| a.tag.cmp(&b.tag));
    }
    catalog.digest = digest(&files, &loading.past);
    Ok(catalog)
}

/// Checks the shipped catalog with a folder laid over it, and counts what is in it.
pub fn check(overlay: Option<&Path>, now: Timestamp) -> Result<Counts, Vec<Fault>> {
    load(shipped(), overlay, now).map(|catalog| Counts::of(&catalog))
}

/// A catalog in the making.
#[derive(Default)]
struct Loading {
    catalog: Catalog,
    faults: Vec<Fault>,
    /// Authors whose file is laid over a shipped one: their other models are gone on purpose.
    overlaid_authors: BTreeSet<String>,
    /// Authors whose file has faults: whether a model of theirs exists cannot be said.
    broken_authors: BTreeSet<String>,
    /// Endpoints left out since their last day is over.
    past: Vec<String>,
}

impl Loading {
    fn add_models(&mut self, path: &str, file: &File) {
        let author = stem(path).to_owned();
        if file.overlaid {
            self.overlaid_authors.insert(author.clone());
        }
        let (read, mut flaws) = read::read::<ModelFile>(&file.text);
        if let Some(read) = &read {
            flaws.extend(self.link_models(&author, read));
        }
        if !flaws.is_empty() {
            self.broken_authors.insert(author);
        }
        self.faults.extend(read::faults(path, &file.text, flaws));
    }

    fn link_models(&mut self, author: &str, file: &ModelFile) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        if file.author.as_ref().as_str() != author {
            let message = format!("`{}` must be the file's name, `{author}`", file.author.as_ref());
            flaws.push(Flaw::at(file.author.span(), message));
        }
        for entry in &file.models {
            let slug = entry.slug.as_ref();
            if slug.author() != author || slug.variant().is_some() {
                let message = format!("`{slug}` must be `{author}/…`, without a variant");
                flaws.push(Flaw::at(entry.slug.span(), message));
            } else if self.catalog.models.contains_key(slug) {
                flaws.push(Flaw::at(entry.slug.span(), format!("`{slug}` is there twice")));
            } else {
                self.catalog.models.insert(slug.clone(), Arc::new(join::model(entry, file)));
            }
        }
        flaws
    }

    fn add_provider(&mut self, path: &str, file: &File, now: Timestamp) {
        let (read, mut flaws) = read::read::<ProviderFile>(&file.text);
        if let Some(read) = &read {
            flaws.extend(join::provider_flaws(read, stem(path)));
            let provider = Arc::new(join::provider(read));
            for offer in &read.offers {
                match self.link_offer(&provider, offer, file.overlaid) {
                    Ok(Some(endpoint)) => self.add_endpoint(endpoint, now),
                    Ok(None) => {}
                    Err(found) => flaws.extend(found),
                }
            }
            self.catalog.providers.insert(provider.slug.clone(), provider);
        }
        self.faults.extend(read::faults(path, &file.text, flaws));
    }

    /// The endpoint of an offer; none if its model was taken away by an overlay.
    fn link_offer(
        &self,
        provider: &Arc<Provider>,
        offer: &Offer,
        overlaid: bool,
    ) -> Result<Option<Endpoint>, Vec<Flaw>> {
        let mut flaws = join::offer_flaws(offer, &provider.slug);
        let slug = offer.model.as_ref();
        let model = self.catalog.models.get(slug);
        let gone = !overlaid && self.overlaid_authors.contains(slug.author());
        if model.is_none() && !gone && !self.broken_authors.contains(slug.author()) {
            let message = format!("no model `{slug}` is in models/{}.toml", slug.author());
            flaws.push(Flaw::at(offer.model.span(), message));
        }
        let endpoint = model.and_then(|model| join::endpoint(offer, provider, model));
        if let Some(endpoint) = &endpoint
            && self.is_taken(endpoint)
        {
            let span = offer.tag.as_ref().map_or_else(|| offer.model.span(), toml::Spanned::span);
            let message = format!("`{}` offers `{}` twice under this tag", endpoint.tag, endpoint.model_slug());
            flaws.push(Flaw::at(span, message));
        }
        if flaws.is_empty() { Ok(endpoint) } else { Err(flaws) }
    }

    fn is_taken(&self, endpoint: &Endpoint) -> bool {
        let key: Option<ModelSlug> = endpoint.model_slug().parse().ok();
        key.and_then(|key| self.catalog.endpoints.get(&key))
            .is_some_and(|known| known.iter().any(|e| e.tag == endpoint.tag))
    }

    fn add_endpoint(&mut self, endpoint: Endpoint, now: Timestamp) {
        if endpoint.is_past(now) {
            self.past.push(endpoint.id());
        } else if let Ok(key) = endpoint.model_slug().parse() {
            self.catalog.endpoints.entry(key).or_default().push(Arc::new(endpoint));
        }
    }
}

/// `acme` of `providers/acme.toml`.
fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn digest(files: &Files, past: &[String]) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for (path, file) in files.iter() {
        add(path);
        add(&file.text);
    }
    past.iter().for_each(|id| add(id));
    hex::encode(hash.finalize())
}

/// How much is in a catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub providers: usize,
    /// Models that some endpoint serves.
    pub models: usize,
    pub endpoints: usize,
    /// Of these endpoints: known only from older lists.
    pub unconfirmed: usize,
    /// Of the others: with a known price.
    pub priced: usize,
    /// The models and providers of priced endpoints.
    pub priced_models: usize,
    pub priced_providers: usize,
    /// Of the priced: with prices for tokens in and out, by a provider that we can reach.
    pub routable: usize,
}

impl Counts {
    pub fn of(catalog: &Catalog) -> Self {
        let all: Vec<&Endpoint> = catalog.endpoints.values().flatten().map(Arc::as_ref).collect();
        let priced: Vec<&Endpoint> = all
            .iter()
            .copied()
            .filter(|e| e.status != EndpointStatus::Unconfirmed && !e.prices.prices.0.is_empty())
            .collect();
        let models =
            |endpoints: &[&Endpoint]| endpoints.iter().map(|e| &e.model.slug).collect::<BTreeSet<&ModelSlug>>().len();
        let hosts = |endpoints: &[&Endpoint]| {
            endpoints.iter().map(|e| &e.provider.slug).collect::<BTreeSet<&ProviderSlug>>().len()
        };
        Self {
            providers: catalog.providers.len(),
            models: models(&all),
            endpoints: all.len(),
            unconfirmed: all.iter().filter(|e| e.status == EndpointStatus::Unconfirmed).count(),
            priced: priced.len(),
            priced_models: models(&priced),
            priced_providers: hosts(&priced),
            routable: priced.iter().filter(|e| is_routable(e)).count(),
        }
    }
}

fn is_routable(e: &Endpoint) -> bool {
    let task = e.model.kind.task().unwrap_or_default();
    covers(&e.prices.prices, task) && e.provider.wire(task).is_some_and(|wire| e.is_served_over(wire.dialect))
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} endpoints of {} models at {} providers: {} with a known price ({} models, {} providers; {} can be routed to), {} unconfirmed",
            self.endpoints,
            self.models,
            self.providers,
            self.priced,
            self.priced_models,
            self.priced_providers,
            self.routable,
            self.unconfirmed
        )
    }
}
