//! What the server says when it is ready: where it is, what can be called, and the one next step.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;

use canon::TaskKind;
use domain::NanoUsd;
use providers::catalog::Provider;
use providers::reach::{NotCallable, Snapshot};

use crate::config::Config;

/// More names than this are counted only.
const MOST_NAMES: usize = 12;

#[derive(Debug)]
pub struct Facts<'a> {
    pub config: &'a Config,
    pub own: SocketAddr,
    pub snapshot: &'a Snapshot,
    pub private_database: bool,
    pub no_accounts: bool,
}

pub fn say(facts: &Facts<'_>) {
    // Nobody to read it is no reason not to serve.
    let _ = io::stdout().lock().write_all(text(facts).as_bytes());
}

fn text(facts: &Facts<'_>) -> String {
    let Facts { config, own, snapshot, .. } = facts;
    let url = config
        .site
        .public_url
        .as_ref()
        .map_or_else(|| local_url(*own), |url| url.to_string().trim_end_matches('/').to_owned());
    let catalog = &snapshot.catalog;
    let endpoints: usize = catalog.endpoints.values().map(Vec::len).sum();
    let mut lines = vec![
        ("Site", url.clone()),
        ("API", format!("{url}/api/v1, for OpenAI's clients as they are")),
        (
            "Catalog",
            format!(
                "{endpoints} endpoints of {} models at {} providers",
                catalog.endpoints.len(),
                catalog.providers.len()
            ),
        ),
        ("Providers", providers(snapshot)),
    ];
    if config.simulator {
        let simulated = catalog.endpoints.values().filter(|all| all.iter().any(|e| e.provider.simulated)).count();
        lines.push((
            "Simulator",
            format!(
                "{simulated} models answer without a provider, labelled as simulated (SOUK_SIMULATOR=off hides them)"
            ),
        ));
    }
    if facts.private_database {
        lines.push((
            "Database",
            "a private PostgreSQL, which stops with this server (DATABASE_URL names another)".to_owned(),
        ));
    }
    if facts.no_accounts {
        let credit = config.accounts.first_credit;
        let gift = if credit > NanoUsd::ZERO { format!(" and is given {credit}") } else { String::new() };
        lines.push(("Next", format!("make the first account at {url}/sign-in: it becomes admin{gift}")));
        lines.push((
            "",
            "or: echo PASSWORD | souk account create --admin --password-stdin --email YOU@EXAMPLE.COM".to_owned(),
        ));
    }
    let mut text = String::from("\nSouk is ready. Ctrl-C stops it.\n\n");
    for (name, line) in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<10} {line}");
    }
    text.push('\n');
    text
}

/// Everywhere is no address to visit.
fn local_url(own: SocketAddr) -> String {
    if own.ip().is_unspecified() { format!("http://127.0.0.1:{}", own.port()) } else { format!("http://{own}") }
}

/// Whose keys we have; without any, the variable that would open most.
fn providers(snapshot: &Snapshot) -> String {
    let real = || snapshot.catalog.providers.values().filter(|provider| !provider.simulated);
    let names: Vec<&str> =
        real().filter(|provider| snapshot.is_callable(&provider.slug)).map(|provider| provider.name.as_str()).collect();
    if names.is_empty() {
        let example = most_wanted(snapshot).unwrap_or_else(|| "a key variable of a provider".to_owned());
        return format!("none can be called yet: set {example}, or any other key that a provider's file names");
    }
    let shown = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > MOST_NAMES { format!(" and {} more", names.len() - MOST_NAMES) } else { String::new() };
    format!("{} can be called: {shown}{more}", names.len())
}

fn most_wanted(snapshot: &Snapshot) -> Option<String> {
    let mut offers: BTreeMap<&str, usize> = BTreeMap::new();
    for endpoint in snapshot.catalog.endpoints.values().flatten() {
        *offers.entry(endpoint.provider.slug.as_str()).or_default() += 1;
    }
    let variable = |provider: &Provider| match snapshot.of(&provider.slug, TaskKind::Chat) {
        // One that also needs an address is no first step.
        Err(NotCallable::MissingVariable(_)) if provider.url_variables.is_empty() => provider.env.first().cloned(),
        _ => None,
    };
    let wanted = snapshot.catalog.providers.values().filter_map(|p| Some((offers.get(p.slug.as_str())?, variable(p)?)));
    wanted.max_by_key(|(offers, _)| **offers).map(|(_, variable)| variable)
}
