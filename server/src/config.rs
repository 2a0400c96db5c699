//! What the environment says, read once and made into what each part needs to know.
//!
//! | variable | default | means |
//! |---|---|---|
//! | `SOUK_ADDR` | `127.0.0.1:3000` | where the site and the API listen |
//! | `SOUK_PUBLIC_URL` | as the visitor wrote it | the address people use, where a proxy is in front: `https://souk.example` |
//! | `DATABASE_URL` | a private cluster | the PostgreSQL database |
//! | `SOUK_CATALOG_DIR` | none | a folder laid over the shipped catalog |
//! | `SOUK_SECRET` | made and kept | what session cookies are signed with, at least 32 characters |
//! | `LEPTOS_SITE_ROOT` | `target/site` | the folder of style sheet, scripts and wasm |
//! | `SOUK_SIMULATOR` | `on` | `off` hides the simulated models |
//! | `SOUK_SIMULATOR_URL` | a simulator inside | another simulator |
//! | `SOUK_UPSTREAM_FIRST_BYTE_MS` | `120000` | how long a provider may take to the first byte of its answer |
//! | `SOUK_UPSTREAM_IDLE_MS` | `120000` | how long it may fall silent after that |
//! | `SOUK_LOCAL_SERVERS` | `on` | `off` looks for no model server on this machine |
//! | `SOUK_SIGN_UP` | `open` | `closed`: accounts are made by command alone |
//! | `SOUK_FIRST_CREDIT_USD` | `10` | what the very first account is given when it is made on the site |
//! | `SOUK_WELCOME_CREDIT_USD` | `0` | what every later one is given |
//!
//! Provider keys are read as the catalog names them (`reach`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::NanoUsd;
use http::Uri;
use providers::transport::Limits;

/// Looks up a variable of the environment; blank ones count as missing.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variable that tells the catalog where the simulator is.
pub const SIMULATOR_URL: &str = "SOUK_SIMULATOR_URL";

/// A variable that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is `{value}`, and must be {expected}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub value: String,
    pub expected: &'static str,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port, or name and port.
    pub listen: String,
    pub database: DatabaseConfig,
    pub catalog: CatalogConfig,
    pub site: SiteConfig,
    pub accounts: AccountsConfig,
    /// How long providers may take.
    pub limits: Limits,
    /// Whether simulated models are offered.
    pub simulator: bool,
    /// Whether model servers on this machine are looked for.
    pub local_servers: bool,
    pub secret: Option<Secret>,
}

/// Where the database is, and where a private one would be.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `None`: a private cluster.
    pub url: Option<String>,
    /// `PATH`: where PostgreSQL's programs may be.
    pub path: Option<String>,
}

/// The catalog's folder of the operator.
#[derive(Clone, Debug, Default)]
pub struct CatalogConfig {
    pub overlay: Option<PathBuf>,
}

/// What the site is made of, and under which address people see it.
#[derive(Clone, Debug)]
pub struct SiteConfig {
    pub root: PathBuf,
    /// `None`: as the visitor wrote it. Without a slash at the end.
    pub public_url: Option<Uri>,
}

/// How accounts come to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountsConfig {
    /// Whether anyone may sign up at the site. The very first account always may.
    pub sign_up: bool,
    pub first_credit: NanoUsd,
    pub welcome_credit: NanoUsd,
}

/// Text that must not be seen; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The operator's own environment: the only place where it is read.
#[expect(clippy::disallowed_methods, reason = "this is where configuration is read")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Config {
    pub fn read(variable: Lookup<'_>) -> Result<Self, ConfigError> {
        let listen = text(variable, "SOUK_ADDR").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        if !listen.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
            return Err(wrong("SOUK_ADDR", listen, "an address and a port, such as 127.0.0.1:3000"));
        }
        let secret = text(variable, "SOUK_SECRET").map(Secret);
        if secret.as_ref().is_some_and(|secret| secret.0.len() < 32) {
            return Err(wrong("SOUK_SECRET", "…".to_owned(), "at least 32 characters long"));
        }
        Ok(Self {
            listen,
            database: DatabaseConfig::read(variable),
            catalog: CatalogConfig::read(variable)?,
            site: SiteConfig::read(variable)?,
            accounts: AccountsConfig::read(variable)?,
            limits: limits(variable)?,
            simulator: switch(variable, "SOUK_SIMULATOR", ["on", "off"], "on or off")?,
            local_servers: switch(variable, "SOUK_LOCAL_SERVERS", ["on", "off"], "on or off")?,
            secret,
        })
    }
}

impl DatabaseConfig {
    pub fn read(variable: Lookup<'_>) -> Self {
        Self { url: text(variable, "DATABASE_URL"), path: variable("PATH") }
    }
}

impl CatalogConfig {
    pub fn read(variable: Lookup<'_>) -> Result<Self, ConfigError> {
        let overlay = text(variable, "SOUK_CATALOG_DIR");
        match overlay {
            Some(dir) if !Path::new(&dir).is_dir() => Err(wrong("SOUK_CATALOG_DIR", dir, "a folder that exists")),
            dir => Ok(Self { overlay: dir.map(PathBuf::from) }),
        }
    }
}

impl SiteConfig {
    fn read(variable: Lookup<'_>) -> Result<Self, ConfigError> {
        let root = text(variable, "LEPTOS_SITE_ROOT").unwrap_or_else(|| "target/site".to_owned()).into();
        let public_url = text(variable, "SOUK_PUBLIC_URL").map(|url| public_url(&url).ok_or(url)).transpose();
        let public_url = public_url
            .map_err(|url| wrong("SOUK_PUBLIC_URL", url, "a URL without a path, such as https://souk.example"))?;
        Ok(Self { root, public_url })
    }
}

impl AccountsConfig {
    fn read(variable: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            sign_up: switch(variable, "SOUK_SIGN_UP", ["open", "closed"], "open or closed")?,
            first_credit: dollars(variable, "SOUK_FIRST_CREDIT_USD", NanoUsd(10 * NanoUsd::ONE_DOLLAR.0))?,
            welcome_credit: dollars(variable, "SOUK_WELCOME_CREDIT_USD", NanoUsd::ZERO)?,
        })
    }
}

/// What a variable holds, if it is more than blanks.
fn text(variable: Lookup<'_>, name: &str) -> Option<String> {
    variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The first of `words` means yes and is the default, the second means no.
fn switch(
    variable: Lookup<'_>,
    name: &'static str,
    words: [&str; 2],
    expected: &'static str,
) -> Result<bool, ConfigError> {
    match text(variable, name) {
        None => Ok(true),
        Some(word) if word == words[0] => Ok(true),
        Some(word) if word == words[1] => Ok(false),
        Some(word) => Err(wrong(name, word, expected)),
    }
}

fn limits(variable: Lookup<'_>) -> Result<Limits, ConfigError> {
    let usual = Limits::default();
    Ok(Limits {
        first_byte: milliseconds(variable, "SOUK_UPSTREAM_FIRST_BYTE_MS", usual.first_byte)?,
        idle: milliseconds(variable, "SOUK_UPSTREAM_IDLE_MS", usual.idle)?,
        ..usual
    })
}

fn milliseconds(variable: Lookup<'_>, name: &'static str, default: Duration) -> Result<Duration, ConfigError> {
    let Some(value) = text(variable, name) else { return Ok(default) };
    let number = value.parse().ok().filter(|number| *number > 0);
    number.map(Duration::from_millis).ok_or_else(|| wrong(name, value, "a number of milliseconds, 1 or more"))
}

fn dollars(variable: Lookup<'_>, name: &'static str, default: NanoUsd) -> Result<NanoUsd, ConfigError> {
    let Some(value) = text(variable, name) else { return Ok(default) };
    let amount = value.parse().ok().filter(|amount| *amount >= NanoUsd::ZERO);
    amount.ok_or_else(|| wrong(name, value, "an amount in dollars, 0 or more, such as 12.50"))
}

fn public_url(url: &str) -> Option<Uri> {
    let uri: Uri = url.trim_end_matches('/').parse().ok()?;
    let whole = matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some();
    (whole && matches!(uri.path(), "" | "/") && uri.query().is_none()).then_some(uri)
}

fn wrong(variable: &'static str, value: String, expected: &'static str) -> ConfigError {
    ConfigError { variable, value, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn an_empty_environment_gives_the_documented_defaults() {
        let config = read(&[]).unwrap();
        assert_eq!(config.listen, "127.0.0.1:3000");
        assert_eq!(config.database.url, None);
        assert_eq!(config.catalog.overlay, None);
        assert_eq!(config.site.root, Path::new("target/site"));
        assert!(config.simulator && config.local_servers && config.accounts.sign_up);
        assert_eq!(config.accounts.first_credit, NanoUsd(10_000_000_000));
        assert_eq!(config.accounts.welcome_credit, NanoUsd::ZERO);
    }

    #[test]
    fn a_blank_variable_is_a_missing_one() {
        let config = read(&[("SOUK_ADDR", " "), ("DATABASE_URL", ""), ("SOUK_SIGN_UP", "")]).unwrap();
        assert_eq!(
            (config.listen.as_str(), config.database.url, config.accounts.sign_up),
            ("127.0.0.1:3000", None, true)
        );
    }

    #[test]
    fn each_variable_is_read() {
        let config = read(&[
            ("SOUK_ADDR", "0.0.0.0:8080"),
            ("DATABASE_URL", "postgres://db/souk"),
            ("SOUK_CATALOG_DIR", "/"),
            ("LEPTOS_SITE_ROOT", "/srv/site"),
            ("SOUK_PUBLIC_URL", "https://souk.example/"),
            ("SOUK_SIMULATOR", "off"),
            ("SOUK_LOCAL_SERVERS", "off"),
            ("SOUK_SIGN_UP", "closed"),
            ("SOUK_FIRST_CREDIT_USD", "0"),
            ("SOUK_WELCOME_CREDIT_USD", "1.50"),
            ("SOUK_UPSTREAM_FIRST_BYTE_MS", "2500"),
        ])
        .unwrap();
        assert_eq!(config.listen, "0.0.0.0:8080");
        assert_eq!(config.database.url.as_deref(), Some("postgres://db/souk"));
        assert_eq!(config.catalog.overlay.as_deref(), Some(Path::new("/")));
        assert_eq!(config.site.root, Path::new("/srv/site"));
        assert_eq!(config.site.public_url.unwrap().authority().unwrap().as_str(), "souk.example");
        assert!(!config.simulator && !config.local_servers && !config.accounts.sign_up);
        assert_eq!(config.accounts.first_credit, NanoUsd::ZERO);
        assert_eq!(config.accounts.welcome_credit, NanoUsd(1_500_000_000));
        assert_eq!(config.limits, Limits { first_byte: Duration::from_millis(2_500), ..Limits::default() });
    }

    #[test]
    fn what_cannot_be_understood_is_told_by_name() {
        for (name, value) in [
            ("SOUK_ADDR", "3000"),
            ("SOUK_ADDR", ":3000"),
            ("SOUK_ADDR", "localhost:70000"),
            ("SOUK_SECRET", "too short"),
            ("SOUK_SIMULATOR", "maybe"),
            ("SOUK_SIGN_UP", "no"),
            ("SOUK_CATALOG_DIR", "/there/is/no/such/folder"),
            ("SOUK_PUBLIC_URL", "souk.example"),
            ("SOUK_PUBLIC_URL", "https://souk.example/path"),
            ("SOUK_WELCOME_CREDIT_USD", "-1"),
            ("SOUK_FIRST_CREDIT_USD", "ten"),
            ("SOUK_UPSTREAM_FIRST_BYTE_MS", "0"),
            ("SOUK_UPSTREAM_IDLE_MS", "2 s"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.variable, name, "{value}");
        }
    }

    #[test]
    fn a_secret_is_in_no_message() {
        assert!(!read(&[("SOUK_SECRET", "hunter2")]).unwrap_err().to_string().contains("hunter2"));
        assert!(!format!("{:?}", read(&[("SOUK_SECRET", &"hunter2".repeat(9))]).unwrap()).contains("hunter2"));
    }
}
